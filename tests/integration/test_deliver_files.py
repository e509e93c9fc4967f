"""Files of the digest's folder: whole or not at all, and never over the reader's own words."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from tests.factories import NOW
from tracker.digest.deliver import Written, file_of, write_issue, write_preview
from tracker.digest.deliver.files import replace_file
from tracker.errors import DeliveryError
from tracker.models import DigestSettings

CLOSED = '---\ntitle: "x"\nissue: 2026-W48\nstatus: closed\n---\n\n# Closed\n'


@dataclass
class Notes:
    """What was written where, in memory."""

    kept: dict[str, dict[str, bytes]] = field(default_factory=dict)
    hashes: dict[str, set[str]] = field(default_factory=dict)

    def file_hashes(self, path: str) -> set[str]:
        return self.hashes.get(path, set())

    def file_pages(self, path: str) -> dict[str, bytes]:
        return dict(reversed(self.kept.get(path, {}).items()))

    def remember_file(self, path: str, digest: str, *, at: datetime, page: bytes | None = None) -> None:
        self.hashes.setdefault(path, set()).add(digest)
        pages = self.kept.setdefault(path, {})
        pages.pop(digest, None)
        if page is not None:
            pages[digest] = page

    def drop_pages(self, path: str) -> None:
        self.kept[path] = {}


@pytest.fixture
def settings(tmp_path: Path) -> DigestSettings:
    """A folder that does not exist yet."""
    return DigestSettings(folder=tmp_path / "digests")


def preview(settings: DigestSettings, notes: Notes, text: str = "# Preview\n") -> Written:
    return write_preview(settings, "2026-W48", text, memory=notes, now=NOW)


def issue(settings: DigestSettings, notes: Notes, text: str = CLOSED) -> Written:
    return write_issue(settings, "2026-W48", text.encode(), memory=notes, now=NOW)


def names(settings: DigestSettings) -> list[str]:
    return sorted(each.name for each in settings.folder.iterdir())


def test_the_folder_is_made_and_nothing_else_is_left_in_it(settings: DigestSettings) -> None:
    """One file, no temporary one."""
    written = preview(settings, Notes())
    assert (written.path.read_text(), written.is_beside) == ("# Preview\n", False)
    assert names(settings) == ["2026-W48.md"]


def test_an_untouched_preview_is_replaced(settings: DigestSettings) -> None:
    """Made anew, then closed: always the same file."""
    notes = Notes()
    preview(settings, notes)
    preview(settings, notes, "# Preview, later\n")
    assert issue(settings, notes).path.read_text() == CLOSED
    assert names(settings) == ["2026-W48.md"]


def test_a_foreign_file_is_left_alone(settings: DigestSettings) -> None:
    """What we did not write is never written over; further ones get numbers."""
    settings.folder.mkdir()
    for name in ("2026-W48.md", "2026-W48 (new).md"):
        (settings.folder / name).write_text("mine")
    written = preview(settings, Notes())
    assert (written.path.name, written.is_beside) == ("2026-W48 (new 2).md", True)
    assert (settings.folder / "2026-W48.md").read_text() == "mine"


def test_a_preview_never_replaces_a_closed_issue(settings: DigestSettings) -> None:
    """A preview that another process was still making when the issue closed is put beside it."""
    notes = Notes()
    issue(settings, notes)
    assert preview(settings, notes).path.name == "2026-W48 (new).md"
    assert (settings.folder / "2026-W48.md").read_text() == CLOSED


def test_a_closed_issue_that_stands_there_is_not_written_again(settings: DigestSettings) -> None:
    """After a crash between the writing and its note, the reader's ticks are kept."""
    notes = Notes()
    ticked = CLOSED + "- [x] read\n"
    issue(settings, notes).path.write_text(ticked)
    again = issue(settings, notes)
    assert again.path.read_text() == ticked
    assert names(settings) == ["2026-W48.md"]


def test_a_closed_issue_beside_an_edited_preview_is_found_again(settings: DigestSettings) -> None:
    """The same holds where it had to be put beside."""
    notes = Notes()
    preview(settings, notes).path.write_text("edited")
    assert issue(settings, notes).path.name == "2026-W48 (new).md"
    assert issue(settings, notes).path.name == "2026-W48 (new).md"
    assert names(settings) == ["2026-W48 (new).md", "2026-W48.md"]


def test_the_pattern_may_name_subfolders(tmp_path: Path) -> None:
    """`weekly/{issue} digest.md` makes the folder; the ledger keeps the path relative to the digest's."""
    settings = DigestSettings(folder=tmp_path, file="weekly/{issue} digest.md")
    written = preview(settings, Notes())
    assert written.path == tmp_path / "weekly" / "2026-W48 digest.md"
    assert file_of(settings, written.path) == "weekly/2026-W48 digest.md"


@pytest.mark.parametrize("file", ["../{issue}.md", "a/../../{issue}.md", "/tmp/{issue}.md", "{issue}\x00.md"])
def test_a_pattern_that_leads_out_of_the_folder_is_refused(tmp_path: Path, file: str) -> None:
    """Nothing is written outside, whatever the pattern says."""
    settings = DigestSettings(folder=tmp_path / "digests", file=file)
    with pytest.raises(DeliveryError, match="leads out of the folder"):
        preview(settings, Notes())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_explained(settings: DigestSettings) -> None:
    """The error names issue, path and cause, and carries both for the caller."""
    settings.folder.write_text("no folder")
    with pytest.raises(
        DeliveryError, match=r"issue 2026-W48 cannot be written to .*2026-W48\.md: (File exists|Not a directory)"
    ) as caught:
        issue(settings, Notes())
    assert (caught.value.issue, caught.value.target) == ("2026-W48", str(settings.folder / "2026-W48.md"))


@pytest.mark.parametrize("write", [preview, issue])
def test_a_name_that_no_file_can_have_is_explained(tmp_path: Path, write: Callable[..., Written]) -> None:
    """Looking whether the page stands there can fail as writing it can."""
    settings = DigestSettings(folder=tmp_path, file="x" * 300 + "{issue}.md")
    with pytest.raises(DeliveryError, match="File name too long"):
        write(settings, Notes())


def test_a_file_obeys_the_umask(settings: DigestSettings) -> None:
    """Files are as readable as the user's other ones, not private like temporary files."""
    before = os.umask(0o027)
    try:
        mode = preview(settings, Notes()).path.stat().st_mode & 0o777
    finally:
        os.umask(before)
    assert mode == 0o640


FILLS = """
import resource, sys
from pathlib import Path
from tracker.digest.deliver.files import replace_file
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    replace_file(Path(sys.argv[1]), b"x" * 10_000)
except OSError as error:
    print("OSError")
"""


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """Writing that fails half way leaves what was there, and no temporary file."""
    path = tmp_path / "2026-W48.md"
    replace_file(path, b"before")
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", FILLS, str(path)],
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "OSError\n", done.stderr
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_dangling_link_is_not_written_through(settings: DigestSettings, tmp_path: Path) -> None:
    """A symbolic link to nowhere is the reader's too."""
    settings.folder.mkdir()
    (settings.folder / "2026-W48.md").symlink_to(tmp_path / "elsewhere.md")
    assert preview(settings, Notes()).is_beside
    assert not (tmp_path / "elsewhere.md").exists()


PREVIEW = CLOSED.replace("closed", "preview").replace("# Closed", "# Page\n\n## Read\n- [ ] [One](https://a.example/1)")
FINAL = PREVIEW.replace("preview", "closed").replace("# Page", "# Page, closed")


def test_an_edited_preview_is_closed_with_the_readers_words(settings: DigestSettings) -> None:
    """The closed page takes the preview's place with the tick and the note in it, and is never written again."""
    notes = Notes()
    path = preview(settings, notes, PREVIEW).path
    path.write_bytes(PREVIEW.replace("[ ]", "[x]").replace("\n", "\r\n").encode() + b"  mine\r\n")
    closed = issue(settings, notes, FINAL)
    assert (closed.path, closed.is_beside) == (path, False)
    assert path.read_bytes() == FINAL.replace("[ ]", "[x]").replace("\n", "\r\n").encode() + b"  mine\r\n"
    path.write_bytes(mine := path.read_bytes().replace(b"mine", b"yours"))
    assert issue(settings, notes, FINAL).path == path
    assert preview(settings, notes, PREVIEW).path.name == "2026-W48 (new).md"
    assert path.read_bytes() == mine


def test_a_page_that_says_nothing_new_leaves_the_file_alone(settings: DigestSettings) -> None:
    """The reader's edition is not even written with the same bytes: an open editor sees no change."""
    notes = Notes()
    path = preview(settings, notes, PREVIEW).path
    path.write_text(PREVIEW.replace("[ ]", "[x]"))
    os.utime(path, (1, 1))
    assert preview(settings, notes, PREVIEW).text == PREVIEW.replace("[ ]", "[x]")
    assert path.stat().st_mtime == 1


@dataclass
class Meanwhile(Notes):
    """Notes of a program during whose writing the reader saves the file once."""

    path: Path | None = None
    words: str = ""

    def remember_file(self, path: str, digest: str, *, at: datetime, page: bytes | None = None) -> None:
        super().remember_file(path, digest, at=at, page=page)
        if self.path:
            self.path.write_text(self.words)
            self.path = None


def test_what_is_saved_in_the_same_moment_is_not_lost(settings: DigestSettings) -> None:
    """A file that changes between reading and writing is read again."""
    notes = Meanwhile()
    path = preview(settings, notes, PREVIEW).path
    notes.path, notes.words = path, PREVIEW.replace("[ ]", "[*]")
    assert preview(settings, notes, PREVIEW + "More.\n").path == path
    assert path.read_text() == PREVIEW.replace("[ ]", "[*]") + "More.\n"


def test_a_crash_between_note_and_writing_loses_nothing(
    settings: DigestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file still holds an edition of the page before the one that was noted; it is merged with that one."""
    notes = Notes()
    path = preview(settings, notes, PREVIEW + "Old line of ours.\n").path
    path.write_text(PREVIEW.replace("[ ]", "[x]") + "Old line of ours.\n")
    with monkeypatch.context() as patch:
        patch.setattr("tracker.digest.deliver.files.replace_file", crash)
        with pytest.raises(KeyboardInterrupt):
            preview(settings, notes, PREVIEW + "New line of ours.\n")
    preview(settings, notes, PREVIEW + "Newest line of ours.\n")
    assert path.read_text() == PREVIEW.replace("[ ]", "[x]") + "Newest line of ours.\n"


def crash(path: Path, data: bytes) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "mine",
    [b"\xff\xfe" + PREVIEW.encode(), PREVIEW.encode() + b"- more\n" * 200_000, b"my own"],
    ids=["no text", "huge", "another"],
)
def test_what_is_no_edition_of_the_page_is_left_alone(settings: DigestSettings, mine: bytes) -> None:
    """Bytes that are no text, a file beyond all measure and a note of the reader's own are not merged."""
    notes = Notes()
    path = preview(settings, notes, PREVIEW).path
    path.write_bytes(mine)
    assert issue(settings, notes, FINAL).path.name == "2026-W48 (new).md"
    assert path.read_bytes() == mine


def test_an_emptied_page_is_made_anew(settings: DigestSettings) -> None:
    """Nothing was typed in a file without a word in it: a sync service may have made it."""
    notes = Notes()
    path = preview(settings, notes, PREVIEW).path
    path.write_bytes(b"")
    assert preview(settings, notes, PREVIEW).path == path
    assert path.read_text() == PREVIEW


def test_a_link_to_nowhere_is_the_readers(settings: DigestSettings) -> None:
    """A file that is a link to one that is gone is not replaced."""
    notes = Notes()
    path = preview(settings, notes, PREVIEW).path
    path.unlink()
    path.symlink_to(settings.folder / "gone.md")
    assert preview(settings, notes, PREVIEW).path.name == "2026-W48 (new).md"
    assert path.is_symlink()


@pytest.mark.parametrize(
    "front",
    ['status: closed\ntitle: "x"\nissue: 2026-W48\n', 'issue: "2026-W48"\nmine: yes\nstatus: "closed"\n'],
    ids=["sorted", "quoted"],
)
def test_a_closed_page_is_known_however_its_properties_stand(settings: DigestSettings, front: str) -> None:
    """An editor sorts and quotes them: the page is the reader's all the same, and ours is written beside it."""
    notes = Notes()
    path = preview(settings, notes, PREVIEW).path
    path.write_text(mine := f"---\n{front}---\n" + FINAL.split("---\n")[2] + "mine\n")
    assert preview(settings, notes, PREVIEW).path.name == "2026-W48 (new).md"
    assert issue(settings, notes, FINAL).path.name == "2026-W48 (new).md"
    assert path.read_text() == mine


DIES = """
import os, signal, sys
from pathlib import Path
from tracker.digest.deliver.files import replace_file
os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)
replace_file(Path(sys.argv[1]), b"half")
"""


def test_what_a_killed_process_left_is_taken_away(settings: DigestSettings) -> None:
    """Killed before the page was in place: the next page that is written clears the half one, and the reader's stay."""
    root = str(Path(__file__).resolve().parents[2])
    settings.folder.mkdir()
    (settings.folder / ".mine.tmp").touch()
    path = settings.folder / "2026-W47.md"
    done = subprocess.run([sys.executable, "-c", DIES, str(path)], env=os.environ | {"PYTHONPATH": root}, timeout=60)
    assert done.returncode < 0
    assert len(names(settings)) == 2
    preview(settings, Notes())
    assert names(settings) == [".mine.tmp", "2026-W48.md"]
