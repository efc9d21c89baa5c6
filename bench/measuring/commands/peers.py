"""Builds the servers that chopin is compared with. --list shows which are available, --check whether they respond
correctly and how their responses differ from chopin's."""

import argparse

from measuring import servers
from measuring.command_line import Parser
from measuring.servers import peers
from measuring.servers.check import differences
from measuring.servers.peers import Peer


def print_peers(listed: list[Peer]) -> None:
    for peer in listed:
        print(f"{peer.name:<17}{peer.version or '-':<10}{peer.reason or 'available'}")


def check(options: argparse.Namespace) -> bool:
    """Whether all available peers respond correctly."""
    references: servers.Responses = {}
    place = (options.build_dir, options.port)
    for program in (servers.chopin(*place), servers.arena(*place), servers.typed(*place)):
        references |= servers.check(program, servers.DEEPEST)
    all_right = True
    for peer in peers.available(options.workers):
        asked, responses = peers.checked(peer, servers.DEEPEST)
        print_peers([asked])
        for exemption in asked.program.exemptions if asked.program else ():
            print(f"  not checked: {exemption.value}")
        for path, response in responses.items():
            reference = references[path]
            words = "; ".join(differences(response, reference)) or "equal"
            print(f"  {path:<12}{len(response)} bytes, chopin {len(reference)}: {words}")
        all_right &= asked == peer
    return all_right


def main() -> int:
    parser = Parser(__doc__)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="build nothing, show which are available")
    instead.add_argument("--check", action="store_true", help="build nothing, check those that are available")
    parser.number("--workers", 1, "for --check")
    options = parser.parse_args()
    if options.check:
        return 0 if check(options) else 1
    if options.list:
        print_peers([*peers.available(), *peers.with_database()])
        return 0
    built = peers.build()
    print_peers(built)
    return 0 if all(peer.program for peer in built) else 1
