"""Builds the servers that chopin is compared with. --list shows which are available, --check whether they respond
correctly and how their responses differ from chopin's."""

import argparse

import command_line
import peers
import servers
from differences import differences
from peers import Peer
from progress import Progress

BUILD_SECONDS = 60  # of one peer, for the first guess of the time left


def print_peer(peer: Peer) -> None:
    print(f"{peer.name:<17}{peer.version or '-':<10}{peer.reason or 'available'}")


def print_exemptions(peer: Peer) -> None:
    for exemption in peer.program.exemptions if peer.program else ():
        print(f"  not checked: {exemption.value}")


def print_responses(responses: servers.Responses, references: servers.Responses) -> None:
    for path, response in responses.items():
        reference = references[path]
        words = "; ".join(differences(response, reference)) or "equal"
        print(f"  {path:<12}{len(response)} bytes, chopin {len(reference)}: {words}")


def build() -> bool:
    progress = Progress(len(peers.BUILDABLE), BUILD_SECONDS)
    built = peers.build(progress)
    progress.finish()
    for peer in built:
        print_peer(peer)
    return all(peer.program for peer in built)


def check(options: argparse.Namespace) -> bool:
    """Whether all available peers respond correctly."""
    programs = (servers.chopin, servers.arena, servers.typed)
    ours = [program(options.build_dir, options.port) for program in programs]
    references = {
        path: response
        for program in ours
        for path, response in servers.check(program, servers.DEEPEST).items()
    }
    all_right = True
    for peer in peers.available(options.workers):
        asked, responses = peers.checked(peer, servers.DEEPEST)
        print_peer(asked)
        print_exemptions(asked)
        print_responses(responses, references)
        all_right &= asked == peer
    return all_right


def read_options() -> argparse.Namespace:
    parser = command_line.parser(__doc__)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="build nothing, show which are available")
    instead.add_argument("--check", action="store_true", help="build nothing, check those that are available")
    parser.add_argument(
        "--workers", type=command_line.positive, default=1, metavar="N", help="for --check (default 1)"
    )
    return parser.parse_args()


def main() -> int:
    options = read_options()
    if options.check:
        return 0 if check(options) else 1
    if options.list:
        for peer in (*peers.available(), *peers.with_database()):
            print_peer(peer)
        return 0
    return 0 if build() else 1
