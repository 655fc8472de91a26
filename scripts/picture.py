#!/usr/bin/env python3
"""Makes docs/images/run.svg: a terminal in which the chargeback example is crawled, consolidated and queried. What it shows is what was printed.

usage: scripts/picture.py [--files N] [--columns N] [--firn BINARY] [--generate BINARY] [--out FILE]

The example is made in a temporary folder, which the picture calls /tmp/chargebacks. Needs `make build`.
"""
import argparse
import fcntl
import html
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import tempfile
import termios
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHOWN_AS = "/tmp/chargebacks"
DAY = "2025-11-03"
LINES = 50
COMMANDS = [
    "ls lake/landing/chargebacks/2025/11/03 | wc -l",
    "firn crawl chargebacks-landing-crawler",
    f"firn run chargebacks-consolidation --arg PARTITION_DATE={DAY}",
    "ls lake/consolidated/chargebacks/year=2025/month=11/day=03",
    "firn query 'SELECT network, count(*) AS chargebacks, sum(amount) AS amount FROM chargebacks_consolidated GROUP BY network ORDER BY 1'",
]
CELL_WIDTH, LINE_HEIGHT, FONT_SIZE, MARGIN, BAR = 8.4, 19, 14, 18, 34
BACKGROUND, FRAME, TEXT, PROMPT, COMMAND = "#20262e", "#3d4754", "#d5dbe3", "#7fb4a5", "#ffffff"


class Screen:
    """What a terminal shows: carriage return, wrapping at the right edge, erasing to the end of a line. Other control sequences are left out."""

    def __init__(self, columns):
        self.columns, self.lines, self.row, self.column = columns, [[]], 0, 0

    def feed(self, text):
        for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|.", text, re.DOTALL):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.line_feed()
            elif part == "\x1b[K":
                del self.lines[self.row][self.column:]
            elif not part.startswith("\x1b"):
                self.put(part)

    def line_feed(self):
        self.row, self.column = self.row + 1, 0
        if self.row == len(self.lines):
            self.lines.append([])

    def put(self, char):
        width = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if self.column + width > self.columns:
            self.line_feed()
        line = self.lines[self.row]
        line.extend(" " * (self.column - len(line)))
        line[self.column:self.column + width] = [char] + [""] * (width - 1)
        self.column += width

    def text(self):
        return ["".join(line).rstrip() for line in self.lines]


def printed(command, folder, path, columns):
    """Everything that the command writes to a terminal."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    process = subprocess.Popen(["bash", "-c", command], cwd=folder, env=dict(os.environ, PATH=path), stdin=subprocess.DEVNULL, stdout=terminal,
                               stderr=terminal)
    os.close(terminal)
    output = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:  # the last one closed the terminal
            piece = b""
        if not piece:
            break
        output += piece
    os.close(controller)
    if process.wait() != 0:
        raise SystemExit(f"picture: {command} ended with exit code {process.returncode}\n{output.decode(errors='replace')}")
    return output.decode().replace(str(folder), SHOWN_AS)


def session(options):
    """Lines of the screen as (text, is_command)."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 4 << 30 else None
    with tempfile.TemporaryDirectory(prefix="firn-picture-", dir=memory) as work:
        folder = pathlib.Path(work)
        shutil.copy(ROOT / "examples" / "chargebacks" / "firn.yaml", folder)
        (folder / "bin").mkdir()
        (folder / "bin" / "firn").symlink_to(options.firn.resolve())
        path = f"{folder}/bin:{os.environ['PATH']}"
        day = [options.generate, "--out", folder / "lake", "--date", DAY, "--files", str(options.files)]
        subprocess.run(day, check=True, stdout=subprocess.DEVNULL)
        lines = []
        for command in COMMANDS:
            prompt, screen = Screen(options.columns), Screen(options.columns)
            prompt.feed(f"$ {command}")
            screen.feed(printed(command, folder, path, options.columns))
            lines += [(text, True) for text in prompt.text()] + [(text, False) for text in screen.text()]
            while lines and not lines[-1][0]:
                lines.pop()
            lines.append(("", False))
        return lines[:-1]


def width_of(text):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def line_of_svg(text, is_command, y):
    """One line. textLength keeps columns in line whatever monospaced font there is."""
    indent = len(text) - len(text.lstrip(" "))
    shown = text.strip()
    x = MARGIN + indent * CELL_WIDTH
    length = f'textLength="{width_of(shown) * CELL_WIDTH:.1f}" lengthAdjust="spacingAndGlyphs"'
    body = html.escape(shown, quote=False).replace(" ", "\u00a0")  # not every renderer keeps spaces
    if is_command and shown.startswith("$ "):
        body = f'<tspan class="p">$</tspan>{body[1:]}'
    return f'<text x="{x:.1f}" y="{y}" {length}{" class=" + chr(34) + "c" + chr(34) if is_command else ""}>{body}</text>'


def svg(lines, columns):
    width = columns * CELL_WIDTH + 2 * MARGIN
    height = BAR + len(lines) * LINE_HEIGHT + MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" role="img" '
           'aria-label="A terminal: firn crawls, consolidates and queries a day of chargebacks">',
           "<!-- Made by scripts/picture.py from what the commands printed. -->",
           f"<style>text{{font:{FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;"
           f"fill:{TEXT}}}.p{{fill:{PROMPT}}}.c{{fill:{COMMAND}}}</style>",
           f'<rect x="0.5" y="0.5" width="{width - 1:.0f}" height="{height - 1}" rx="8" fill="{BACKGROUND}" stroke="{FRAME}"/>']
    out += [f'<circle cx="{MARGIN + 6 + 18 * i}" cy="17" r="5" fill="{FRAME}"/>' for i in range(3)]
    for number, (text, is_command) in enumerate(lines):
        if text.strip():
            out.append(line_of_svg(text, is_command, BAR + number * LINE_HEIGHT + FONT_SIZE))
    return "\n".join([*out, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="small files of the day, 500 records each (1000)")
    parser.add_argument("--columns", type=int, default=140, help="width of the terminal (140)")
    parser.add_argument("--firn", type=pathlib.Path, default=ROOT / "build" / "release" / "firn")
    parser.add_argument("--generate", type=pathlib.Path, default=ROOT / "build" / "release" / "examples" / "chargebacks" / "chargebacks_generate")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs" / "images" / "run.svg")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(svg(session(options), options.columns))


if __name__ == "__main__":
    main()
