# SPDX-License-Identifier: GPL-2.0
"""Plots of a report, by gnuplot."""
import os
import shutil
import subprocess

OURS, FLOOR, OTHERS = "#c8501e", "#9aa5b1", "#30689c"
LINES = {"known flow": OURS, "known flow, quality": "#e0a030",
         "parse, bare lookup and count": FLOOR}
HEAD = ("set terminal svg size {width},{height} dynamic font 'sans,13' background '#ffffff'\n"
        "set output '{path}'\nset border 3 linecolor rgb '#606060'\nset tics nomirror\n"
        "set grid ytics linecolor rgb '#e0e0e0'\n")


def draw(folder, name, script, size=(820, 420)):
    """A plot in FOLDER/NAME.svg, or none where gnuplot is missing."""
    path = os.path.join(folder, name + ".svg")
    head = HEAD.format(width=size[0], height=size[1], path=path)
    subprocess.run(["gnuplot"], input=head + script, text=True, check=False)


def colour(name):
    if name.startswith("agfeoctl"):
        return OURS
    return FLOOR if name.startswith(("XDP", "no firewall")) else OTHERS


def bars(folder, name, title, label, rows):
    """rows: (name, value, text at the bar), from the top down."""
    if not rows:
        return
    rows = rows[::-1]
    ticks = ", ".join(f'"{row[0]}" {i}' for i, row in enumerate(rows))
    most = max(row[1] for row in rows)
    data = "".join(f"{row[1] / 2} {i} {row[1] / 2} 0.36 {int(colour(row[0])[1:], 16)}\n"
                   for i, row in enumerate(rows))
    texts = "".join(f'{row[1]} {i} "{row[2]}"\n' for i, row in enumerate(rows))
    draw(folder, name, f"""set title "{title}" font 'sans,15'
set xlabel "{label}"
set yrange [-0.6:{len(rows) - 0.4}]
set xrange [0:{most * 1.18}]
unset grid
set grid xtics linecolor rgb '#e0e0e0'
set ytics ({ticks})
unset key
set style fill solid 0.9 noborder
plot '-' using 1:2:3:4:5 with boxxyerror linecolor rgb variable, \\
     '-' using 1:2:3 with labels left offset 0.6,0
{data}e
{texts}e
""", size=(820, 110 + 27 * len(rows)))


def growth(folder, name, panels):
    """panels: (title, label of x, [(name, [(x, y)…])…])."""
    script = f"set multiplot layout 1,{len(panels)}\nset logscale x\nunset mxtics\nset yrange [0:*]\n" \
             "set key outside below horizontal\nset ylabel 'ns a packet'\n" \
             "set xtics ('1' 1, '10' 10, '100' 100, '1,000' 1e3, '10,000' 1e4, '' 1e5, " \
             "'1 million' 1e6)\n"
    for title, label, lines in panels:
        data = "".join("".join(f"{x} {y:.2f}\n" for x, y in points) + "e\n" for _, points in lines)
        plots = ", ".join(f"'-' with linespoints linewidth 2 pointtype 7 pointsize 0.5 "
                          f"linecolor rgb '{LINES.get(each, OTHERS)}' title '{each}'"
                          for each, _ in lines)
        script += f"set title '{title}'\nset xlabel '{label}'\nplot {plots}\n{data}"
    if panels:
        draw(folder, name, script + "unset multiplot\n", size=(1100, 380))


def present():
    return shutil.which("gnuplot") is not None
