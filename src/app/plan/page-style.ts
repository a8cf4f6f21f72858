/** How the page of `takt plan --html` looks, by day and by night. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf8; --card: #fff; --ink: #1d2329; --quiet: #66707a; --rule: #dfe3e7;
  --good: #1b7f4b; --bad: #c22f2f; --light: 62%; --label: #0b1015; --hatch: #b9c1c9; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181c; --card: #1c2228; --ink: #e6eaee; --quiet: #96a1ab;
  --rule: #323b44; --good: #58c98f; --bad: #ff7b72; --light: 58%; --hatch: #4a5560; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 84rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin: 0 0 .4rem; font-size: 1.2rem; }
small, header p, footer, .rest { color: var(--quiet); font-weight: 400; }
header p { margin: .2rem 0; }
.badge { display: inline-block; padding: .15rem .7rem; border-radius: 1rem; border: 1px solid currentColor; font-weight: 600; }
header .good { color: var(--good); } .bad, header .bad { color: var(--bad); }
.problems { padding: .8rem 1rem; border-left: 4px solid var(--bad); background: var(--card); white-space: pre-wrap; }
section { margin: 1.5rem 0; padding: 1.1rem 1.3rem; background: var(--card); border: 1px solid var(--rule); border-radius: .6rem; }
section.broken { border-color: var(--bad); }
ul { margin: .2rem 0 .9rem; padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem .3rem 0; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--quiet); font-weight: 500; }
td:last-child { white-space: normal; }
a { color: inherit; }
.legend span { margin-right: .9rem; white-space: nowrap; font-size: .85rem; }
.legend i, td i { display: inline-block; width: .75rem; height: .75rem; margin-right: .35rem; border-radius: .15rem;
  background: hsl(var(--hue) 62% var(--light)); }
.writes, .legend .writes i { background: repeating-linear-gradient(45deg, var(--hatch) 0 3px, transparent 3px 7px) !important; }
.legend .writes { background: none !important; }
.slot, .legend .probe i { display: inline-block; width: .55rem; height: .55rem; margin-left: .4rem; border-radius: 50%;
  background: none; border: 2px solid var(--quiet); }
.row { display: grid; grid-template-columns: 10rem 1fr 9rem; gap: .8rem; align-items: center; margin: 2px 0; }
.row b { font-weight: 400; font-size: .82rem; color: var(--quiet); text-align: right; white-space: nowrap; }
.row em { font-style: normal; font-size: .82rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { position: relative; display: flex; height: 1.5rem; background: var(--paper); }
.bar span { overflow: hidden; min-width: 0; text-indent: .3rem; font-size: .75rem; line-height: 1.5rem; white-space: nowrap;
  color: var(--label); background: hsl(var(--hue) 62% var(--light)); border-right: 1px solid var(--card); }
.bar span:hover { outline: 2px solid var(--ink); z-index: 1; }
.bar hr { position: absolute; top: -3px; bottom: -3px; margin: 0; border: 0; border-left: 2px solid var(--ink); }
.scale .bar { height: 1.2rem; background: none; }
.scale .bar span { position: absolute; text-indent: 0; overflow: visible; background: none; border: 0; color: var(--quiet);
  transform: translateX(-50%); }
.scale .bar span:first-child { transform: none; } .scale .bar span:last-child { transform: translateX(-100%); }
details { margin-top: .9rem; } summary { cursor: pointer; color: var(--quiet); }
@media (max-width: 50rem) { .row { grid-template-columns: 4.5rem 1fr 6.5rem; gap: .4rem; } .row b { overflow: hidden; } }
`;
