/** How a report looks: on a screen, light or dark, and on paper. No script, no font of its own. */
export const LOOK = `
:root { color-scheme: light dark; --ink: #1f2933; --soft: #616e7c; --line: #d9dee5; --paper: #ffffff; --tint: #f5f7fa; --good: #1f9d6b; --hit: #3e6ae1; --bad: #c81e3a; --warn: #b25e09; }
@media (prefers-color-scheme: dark) { :root { --ink: #f5f7fa; --soft: #a5b0bc; --line: #3e4c59; --paper: #1f2933; --tint: #27333f; --good: #68d5a4; --hit: #8ea8fb; --bad: #ff8093; --warn: #f6ad55; } }
@media print { :root { color-scheme: light; --ink: #000000; --soft: #444444; --line: #cccccc; --paper: #ffffff; --tint: #ffffff; --good: #1f7a55; --hit: #2f51b5; --bad: #b01030; --warn: #8a4a07; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
.facts { color: var(--soft); margin: .3rem 0 0; } .result { font-weight: 600; }
.succeeded { color: var(--good); fill: var(--good); } .failed { color: var(--bad); fill: var(--bad); } .cancelled, .unfinished { color: var(--warn); fill: var(--warn); }
.up-to-date, .restored { color: var(--hit); fill: var(--hit); } .skipped { color: var(--soft); fill: var(--soft); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; } th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
.tight td { white-space: nowrap; } .tight td.digest { white-space: normal; word-break: break-all; min-width: 16rem; } .small { font-size: .85em; color: var(--soft); } td > span { white-space: nowrap; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
code, pre { font: .85em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { background: var(--tint); border: 1px solid var(--line); border-left: 3px solid var(--bad); padding: .7rem .9rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .axis { font-size: 11px; fill: var(--soft); } svg .name { font-weight: 600; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .axle { fill: none; stroke: var(--soft); stroke-width: 1; } svg .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.ink0 { stroke: var(--hit); } .ink1 { stroke: var(--warn); } .ink2 { stroke: var(--good); } .ink3 { stroke: var(--bad); } .ink4 { stroke: var(--ink); } .ink5 { stroke: var(--soft); }
.dash1 { stroke-dasharray: 6 3; } .dash2 { stroke-dasharray: 2 2.5; } .dash3 { stroke-dasharray: 9 3 2 3; } .dash4 { stroke-dasharray: 12 4; } .dash5 { stroke-dasharray: 4 5; }
.legend { list-style: none; margin: .2rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .8rem; } .legend li { overflow-wrap: anywhere; } .sample { display: inline-block; width: 26px; height: 8px; margin-right: .35rem; vertical-align: middle; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 1rem; } .curve { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .6rem; }
.wide { overflow-x: auto; } .wide > svg { min-width: 44rem; } .wide + .curves { margin-top: 1rem; }
.graph { display: block; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
section, figure { margin: 0; } .curve, tr, pre { break-inside: avoid; } h2, h3 { break-after: avoid; }
@page { margin: 14mm; } @media print { .wide { overflow: visible; } .wide > svg, .graph { min-width: 0 !important; } body { padding: 0; max-width: none; font-size: 10.5pt; } .curves { grid-template-columns: repeat(3, 1fr); } }
`;
