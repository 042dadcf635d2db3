"""A download over a bad line, and the scripts that write structures."""

import gzip
import http.server
import json
import threading

import pytest
from ase.io import read

import download_structures
import prepare_structures
from descriptor_sensitivity.errors import InputError
from descriptor_sensitivity.structures.download import download, file_md5, remote_frames
from descriptor_sensitivity.structures.frames import select_frames

# ---------------------------------------------------------------- a server that misbehaves


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.content` with Range; sends at most `server.breaks_after` bytes a time."""

    def do_GET(self):
        server, start = self.server, 0
        asked = self.headers.get("Range")
        server.asked.append(asked)
        if asked and server.ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(server.content):
                self.send_error(416)
                return
            self.send_response(206)
            end = len(server.content)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(server.content) - start))
        self.end_headers()
        limit = server.breaks_after or len(server.content)
        block = server.content[start : start + limit]
        server.sent += len(block)  # before the client, which then asks for the sum, has them
        self.wfile.write(block)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.content, server.ranges, server.breaks_after = b"", True, None
        server.asked, server.sent = [], 0
        server.url = f"http://127.0.0.1:{server.server_port}/methane.extxyz.gz"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


# ---------------------------------------------------------------- whole files and streams


def test_a_download_that_breaks_off_is_resumed(server, archive, tmp_path):
    server.content = archive.read_bytes()
    server.breaks_after = len(server.content) // 3
    target = tmp_path / "new" / "m.extxyz.gz"
    seen = []
    download([server.url], target, file_md5(archive), lambda *state: seen.append(state), pause=0)
    assert target.read_bytes() == server.content
    assert not target.with_name("m.extxyz.gz.part").exists()
    assert server.sent == len(server.content)  # nothing was fetched twice
    assert len(server.asked) == 4 and server.asked[0] is None
    assert seen[-1] == (len(server.content), len(server.content))


def test_a_download_killed_half_way_is_continued_by_the_next_run(server, archive, tmp_path):
    server.content = archive.read_bytes()
    half = len(server.content) // 2
    (tmp_path / "m.extxyz.gz.part").write_bytes(server.content[:half])
    download([server.url], tmp_path / "m.extxyz.gz", file_md5(archive))
    assert server.asked == [f"bytes={half}-"]
    assert server.sent == len(server.content) - half


def test_a_part_that_was_complete_is_only_checked(server, archive, tmp_path):
    server.content = archive.read_bytes()
    (tmp_path / "m.extxyz.gz.part").write_bytes(server.content)
    download([server.url], tmp_path / "m.extxyz.gz", file_md5(archive))
    assert server.sent == 0


def test_a_server_without_ranges_begins_again(server, archive, tmp_path):
    server.content, server.ranges = archive.read_bytes(), False
    (tmp_path / "m.extxyz.gz.part").write_bytes(b"\x1f\x8b rubbish")
    download([server.url], tmp_path / "m.extxyz.gz", file_md5(archive))
    assert (tmp_path / "m.extxyz.gz").read_bytes() == server.content


def test_a_server_that_always_breaks_off_leaves_the_part(server, archive, tmp_path):
    server.content, server.ranges = archive.read_bytes(), False
    server.breaks_after = 1000
    with pytest.raises(InputError, match=r"stopped after 1000 bytes .* ended early"):
        download([server.url], tmp_path / "m.extxyz.gz", file_md5(archive), attempts=2, pause=0)
    assert (tmp_path / "m.extxyz.gz.part").stat().st_size == 1000
    assert not (tmp_path / "m.extxyz.gz").exists()


def test_a_wrong_checksum_is_refused_and_nothing_is_left(server, archive, tmp_path):
    server.content = archive.read_bytes()
    with pytest.raises(InputError, match=f"{file_md5(archive)} and should be 0123"):
        download([server.url], tmp_path / "m.extxyz.gz", "0123")
    assert not list(tmp_path.iterdir())


def test_a_web_page_instead_of_the_file_is_refused(server, tmp_path):
    server.content = b"<html>Please log in</html>"
    with pytest.raises(InputError, match="something else than a gzip file"):
        download([server.url], tmp_path / "m.extxyz.gz", "0123")


def test_the_second_address_is_tried(server, archive, tmp_path):
    server.content = archive.read_bytes()
    urls = ["http://127.0.0.1:9/absent", server.url]
    download(urls, tmp_path / "m.extxyz.gz", file_md5(archive))
    assert (tmp_path / "m.extxyz.gz").exists()
    with pytest.raises(InputError, match=r"stopped after 0 bytes .*127.0.0.1:9"):
        download(urls[:1], tmp_path / "n.extxyz.gz", "0123", attempts=2, pause=0)


def test_first_frames_are_taken_while_the_file_arrives(server, tmp_path):
    """The beginning is enough: a server that never sends more than that does not matter."""
    text = "".join(f"1\n\nH 0 0 {number}.{'0' * (number % 7)}1\n" for number in range(200_000))
    server.content = gzip.compress(text.encode())
    server.breaks_after = len(server.content) // 4
    frames = select_frames(remote_frames([server.url]), "url", 100)
    assert frames[99].positions[0, 2] == pytest.approx(99.01, abs=0.1)
    with pytest.raises(InputError, match="broke off"):
        select_frames(remote_frames([server.url]), "url", 199_000)
    with pytest.raises(InputError, match="no answer"):
        select_frames(remote_frames(["http://127.0.0.1:9/absent"]), "url", 1)


# ---------------------------------------------------------------- the scripts


def test_the_scripts_write_structures_and_their_provenance(server, archive, tmp_path):
    server.content = archive.read_bytes()
    local = tmp_path / "m.extxyz.gz"
    settings = {"urls": [server.url], "md5": file_md5(archive)}
    download_structures.main(["--settings", json.dumps(settings), "--output", str(local)])
    random = {"radius": 3.0, "min_distance": 0.5}
    sources = {
        "generate": ({"source": "generate", "seed": 1, **random}, []),
        "path": ({"source": "path", "select": "random", "seed": 1}, ["--archive", str(local)]),
        "download": ({"source": "download", "select": "first", "urls": [server.url]}, []),
    }
    for name, (settings, archive_option) in sources.items():
        output, provenance = tmp_path / f"{name}.xyz", tmp_path / f"{name}.json"
        options = ["--settings", json.dumps({"count": 20, **settings}), *archive_option]
        options += ["--output", str(output), "--provenance", str(provenance)]
        prepare_structures.main(options)
        written, origin = output.read_bytes(), json.loads(provenance.read_text())
        assert len(read(output, ":")) == 20
        assert origin["md5"] == file_md5(output)
        prepare_structures.main(options)
        assert output.read_bytes() == written
    assert origin["source"] == server.url and "not checked" in origin["source_md5"]
