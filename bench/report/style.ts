export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbf9; --text: #1d2126; --quiet: #68707a; --line: #dcdfe0;
  --ours: #0f766e; --peer: #b4bac0; --goal: #b45309; --met: #15803d; --missed: #b45309;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --text: #e4e7ea; --quiet: #98a1aa; --line: #2e343a;
    --ours: #2dd4bf; --peer: #59626b; --goal: #f0a54a; --met: #4ade80; --missed: #f0a54a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 1320px; margin: 0 auto; padding: 40px 28px 80px; }
h1 { font-size: 28px; font-weight: 650; letter-spacing: -0.02em; margin: 0; }
h2 { font-size: 17px; font-weight: 620; margin: 0 0 2px; }
header { border-bottom: 1px solid var(--line); padding-bottom: 18px; }
header p, section > p { color: var(--quiet); margin: 2px 0; }
header .goals { color: var(--text); font-size: 17px; margin: 10px 0 4px; }
header .place { font-size: 13px; }
section { margin-top: 40px; }
section > p { font-size: 13.5px; min-height: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 22px 36px; margin-top: 14px; }
figure { margin: 0; }
figcaption { font-size: 13.5px; font-weight: 600; margin-bottom: 4px; }
figcaption span { color: var(--quiet); font-weight: 400; margin-left: 4px; }
svg { display: block; width: 100%; height: auto; max-width: 520px; }
svg text { font-size: 11.5px; fill: var(--quiet); dominant-baseline: central; font-variant-numeric: tabular-nums; }
svg text.value { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
svg text.label { text-anchor: end; }
svg text.ours { fill: var(--text); font-weight: 600; }
svg rect.ours { fill: var(--ours); }
svg rect.peer { fill: var(--peer); }
svg .axis { stroke: var(--line); }
svg line.goal { stroke: var(--goal); stroke-dasharray: 3 3; }
svg text.goal { fill: var(--goal); font-size: 10.5px; }
.table { overflow-x: auto; margin-top: 10px; }
table { border-collapse: collapse; font-size: 13px; white-space: nowrap; width: 100%; }
th { font-weight: 400; text-align: left; }
thead th { color: var(--quiet); border-bottom: 1px solid var(--line); }
th, td { padding: 4px 14px 4px 0; }
tbody tr:not(:last-child) > * { border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.unit, td.peer { color: var(--quiet); }
.met { color: var(--met); }
.missed { color: var(--missed); }
`;
