"""Which CPUs server and load generator get."""

import unittest
from unittest import mock

from measuring import cpus


def pins(allowed: set[int], threads_of_a_core: int, server: int = 1, client: int = 1) -> cpus.Pins:
    def siblings(cpu: int) -> set[int]:
        first = cpu - cpu % threads_of_a_core
        return set(range(first, first + threads_of_a_core))

    with mock.patch("os.sched_getaffinity", return_value=allowed), mock.patch("measuring.cpus._siblings_of", siblings):
        return cpus.choose_pins(server, client)


class Pins(unittest.TestCase):
    def test_server_and_client_are_on_different_cores_if_there_are_enough(self) -> None:
        self.assertEqual(pins({0, 1, 2, 3}, threads_of_a_core=2).cpus, (0, 2))

    def test_they_share_a_core_and_say_so_if_there_is_only_one(self) -> None:
        found = pins({0, 1}, threads_of_a_core=2)
        self.assertEqual(found.cpus, (0, 1))
        self.assertIn("hardware threads of the same cores", found.description)

    def test_only_cpus_that_this_process_may_use_are_chosen(self) -> None:
        self.assertEqual(pins({5, 7}, threads_of_a_core=1).cpus, (5, 7))

    def test_nothing_is_pinned_if_there_is_one_cpu(self) -> None:
        found = pins({3}, threads_of_a_core=1)
        self.assertEqual((found.server, found.client), ((), ()))
        self.assertIn("not pinned", found.description)

    def test_several_cpus_for_each(self) -> None:
        found = pins(set(range(8)), threads_of_a_core=1, server=2, client=6)
        self.assertEqual(found.server[-1], "0,1")
        self.assertEqual(found.client[-1], "2,3,4,5,6,7")


if __name__ == "__main__":
    unittest.main()
