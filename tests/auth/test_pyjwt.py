#!/usr/bin/env python3
"""Tokens of Chopin are read by PyJWT, and the other way round. Needs Debian's package python3-jwt."""

import os
import subprocess
import sys
import time
import unittest

try:
    import jwt
except ModuleNotFoundError:
    print("python3-jwt is not installed")
    sys.exit(77)

SECRET = "an-ASCII-secret-of-more-than-32-bytes"
OTHER_SECRET = SECRET[::-1]
EXPIRED = "the token has expired"


def ask(*words: object) -> str:
    """What tests/auth/token_peer.cpp responds to one line."""
    done = subprocess.run(
        [os.environ["CHOPIN_TOKEN_PEER"]],
        input=" ".join(map(str, words)) + "\n",
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout.removesuffix("\n")


class Exchange(unittest.TestCase):
    def setUp(self) -> None:
        self.now = int(time.time())
        self.later = self.now + 600

    def encode(self, **claims: object) -> str:
        return jwt.encode(claims, SECRET, algorithm="HS256")

    def verify(self, token: str, secret: str = SECRET) -> str:
        return ask("verify", secret, self.now, token)

    def test_pyjwt_reads_what_chopin_signs(self) -> None:
        token = ask("sign", SECRET, self.later, "42", "user", "admin")
        self.assertEqual(
            jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp"]}),
            {"sub": "42", "roles": ["user", "admin"], "exp": self.later},
        )

    def test_pyjwt_refuses_what_chopin_signs_with_another_secret_or_an_expiry_in_the_past(self) -> None:
        with self.assertRaises(jwt.InvalidSignatureError):
            jwt.decode(ask("sign", OTHER_SECRET, self.later, "42"), SECRET, algorithms=["HS256"])
        with self.assertRaises(jwt.ExpiredSignatureError):
            jwt.decode(ask("sign", SECRET, self.now - 1, "42"), SECRET, algorithms=["HS256"])

    def test_chopin_reads_what_pyjwt_signs(self) -> None:
        token = self.encode(sub="42", roles=["user", "admin"], exp=self.later, iat=self.now, iss="joe")
        self.assertEqual(self.verify(token), f"{self.later} 42 user admin")

    def test_chopin_reads_a_header_with_members_of_its_own(self) -> None:
        token = jwt.encode({"exp": self.later}, SECRET, algorithm="HS256", headers={"kid": "1", "typ": "jwt"})
        self.assertEqual(self.verify(token), f"{self.later} ")

    def test_chopin_refuses_what_pyjwt_signs_otherwise(self) -> None:
        self.assertEqual(self.verify(self.encode(sub="42")), "the token has no expiry")
        self.assertEqual(self.verify(self.encode(exp=self.now)), EXPIRED)
        self.assertEqual(self.verify(self.encode(exp=self.later, nbf=self.now + 60)), "the token is not valid yet")
        token = self.encode(exp=self.later)
        self.assertEqual(self.verify(token, OTHER_SECRET), "the signature of the token is wrong")
        for algorithm, key in (("HS512", SECRET), ("HS384", SECRET), ("none", None)):
            token = jwt.encode({"exp": self.later}, key, algorithm=algorithm)
            self.assertEqual(self.verify(token), "the algorithm of the token is not HS256", algorithm)


if __name__ == "__main__":
    unittest.main()
