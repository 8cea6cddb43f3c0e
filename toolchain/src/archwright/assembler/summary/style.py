"""The look of the summary page; colours keep the contrast that WCAG 2.2 asks for, in light and in dark."""

from __future__ import annotations

STYLE = """\
:root {
  color-scheme: light dark; --paper: #f6f7f9; --card: #fff; --ink: #16191f; --soft: #545d6b;
  --line: #dde1e7; --faint: #eef0f4; --brand: BRAND; --accent: #2456b8; --good: #17683a; --some: #8a5300;
  --warn: #a32020; --own: #e9effc; --part: #eef0f4;
}
@media (prefers-color-scheme:dark) {
  :root {
    --paper: #101319; --card: #191d25; --ink: #eceef2; --soft: #a7b0be; --line: #323845;
    --faint: #222732; --accent: #8fb4ff; --good: #7ed6a0; --some: #f0bd6b; --warn: #ff9c9c;
    --own: #22304f; --part: #2a303c;
  }
}
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
@media (prefers-reduced-motion:reduce) {
  html { scroll-behavior: auto }
}
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
}
.skip { position: absolute; left: -999px }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 2 }
header.top {
  border-top: 6px solid var(--brand); background: var(--card); border-bottom: 1px solid var(--line);
  padding: 2.5rem 1.5rem 1.5rem;
}
header.top>div,main,footer { max-width: 76rem; margin: 0 auto }
h1 { font-size: clamp(1.8rem,4vw,2.6rem); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 .3rem }
h2 { font-size: 1.45rem; letter-spacing: -.01em; margin: 0 0 .25rem }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem }
p { margin: .25rem 0 1rem; max-width: 70ch }
.lead { color: var(--soft); font-size: 1.1rem }
.meta { color: var(--soft); font-size: .92rem; margin: 0 }
nav ul {
  list-style: none; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; padding: 0; margin: 1.25rem 0 0;
}
a { color: var(--accent); text-underline-offset: .2em }
a:focus-visible,.wide:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
main { padding: 1.5rem }
section {
  background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.5rem;
  margin: 0 0 1.25rem;
}
.figures {
  display: grid; grid-template-columns: repeat(auto-fit,minmax(8.5rem,1fr)); gap: .75rem;
  margin: 1rem 0 0; padding: 0;
}
.figures div { background: var(--faint); border-radius: 10px; padding: .8rem 1rem }
.figures dt { font-size: .85rem; color: var(--soft) }
.figures dd { margin: 0; font-size: 1.7rem; font-weight: 650; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto; margin: .5rem 0 1rem; border: 1px solid var(--line); border-radius: 10px }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
caption { text-align: left; padding: .6rem .9rem; color: var(--soft); font-size: .85rem }
th,td { text-align: left; vertical-align: top; padding: .55rem .9rem; border-top: 1px solid var(--line) }
thead th {
  font-size: .82rem; color: var(--soft); font-weight: 600; background: var(--faint); white-space: nowrap;
}
tbody th { font-weight: 600 }
td:first-of-type { min-width: 6rem }
table.fields th, table.fields td { width: 20% }
table.fields td:last-child { width: 40% }
code {
  font: .86em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace; background: var(--faint);
  padding: .08em .35em; border-radius: 5px; overflow-wrap: anywhere;
}
small { font-size: .85em; color: var(--soft); font-weight: 400 }
.no { color: var(--soft) }
.yes { color: var(--good) }
.some { color: var(--some) }
.grant+.grant { margin-top: .5rem; padding-top: .5rem; border-top: 1px dashed var(--line) }
.rule { margin-top: .15rem }
.chip {
  display: inline-block; font-size: .8rem; border: 1px solid var(--line); border-radius: 999px;
  padding: .05rem .6rem; margin: .1rem .25rem .1rem 0; white-space: nowrap;
}
.chip.class { border-color: var(--some); color: var(--some) }
.chip.tier3,.chip.open { border-color: var(--warn); color: var(--warn) }
.bar {
  display: flex; height: 14px; border-radius: 7px; overflow: hidden; margin: .75rem 0;
  background: var(--faint);
}
.bar span { display: block; flex: 0 1 0 }
.t0 { background: #7d8aa0 }
.t1 { background: #3f7d5c }
.t2 { background: #2456b8 }
.t3 { background: #b3541e }
.key {
  display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: 0 0 1rem;
  font-size: .9rem;
}
.key span {
  display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .4rem;
  vertical-align: -.05rem;
}
.picture { overflow-x: auto; margin: 1rem 0 }
svg.diagram { max-width: none; display: block; font-family: inherit }
.diagram .box { fill: var(--card); stroke: var(--line) }
.diagram .head { fill: var(--own) }
.diagram .head.component { fill: var(--part) }
.diagram .box.component { stroke-dasharray: 5 3 }
.diagram text { fill: var(--ink); font-size: 12.5px }
.diagram .name { font-weight: 650; font-size: 14px }
.diagram .kind { fill: var(--soft); font-size: 11.5px }
.edges path { fill: none; stroke: var(--soft); stroke-width: 1.5 }
.edges .optional { stroke-dasharray: 5 4 }
.edges .link { stroke: var(--accent); stroke-width: 2.5 }
.edges .end { fill: var(--soft) }
footer { padding: 0 1.5rem 3rem; color: var(--soft); font-size: .88rem }
@media print {
  body { background: #fff }
  section { break-inside: avoid-page; border: 0; padding: 0 }
  .wide,.picture { overflow: visible }
  nav { display: none }
}
"""
