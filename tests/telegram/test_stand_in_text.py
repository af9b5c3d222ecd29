"""The stand-in's texts, entities and parse_mode: the words of the real Bot API, and its bounds."""

from tests.telegram.requests import PRIVATE, StandInTest

FACE = "\U0001F525"  # two UTF-16 units


def bold(offset, length, **more):
    return {"type": "bold", "offset": offset, "length": length, **more}


class Texts(StandInTest):
    def test_texts_that_are_refused(self):
        for text, why in (("", "message text is empty"), (" \n\t\r", "text must be non-empty"),
                           ("\u200b\u00a0\u2800", "text must be non-empty"),
                          ("x" * 4097, "message is too long"), (FACE * 2049, "message is too long"),
                          ("x" * 32769, "text is too long")):
            with self.subTest(text[:3]):
                self.refused(self.send(text=text), 400, f"Bad Request: {why}")
        self.refused(self.post({"chat_id": PRIVATE}), 400, "Bad Request: message text is empty")

    def test_the_longest_texts(self):
        for text in ("x" * 4096, FACE * 2048, " " * 9 + "x" * 4096 + "\n"):
            self.assertEqual(self.taken(self.send(text=text)).text, text.strip())

    def test_a_text_is_kept_as_a_reader_sees_it(self):
        kept = self.taken(self.send(text=f" \n{FACE}a\tb\r\nc \u2028d  ",
                                    entities=[bold(2, 3), bold(6, 5)]))
        self.assertEqual(kept.text, f"{FACE}a b\nc d")
        self.assertEqual(kept.bold(), [f"{FACE}a", "b\nc "])

    def test_entities_are_kept(self):
        entities = [{"type": "pre", "offset": 0, "length": 2, "language": "c"},
                    {"type": "text_link", "offset": 3, "length": 2, "url": "https://a.example/x"},
                    {"type": "italic", "offset": 3, "length": 1}, bold(6, 2)]
        self.assertEqual(self.taken(self.send(text=f"ab cd {FACE}", entities=entities)).entities,
                         entities)

    def test_entities_that_are_refused(self):
        begin = "can't parse MessageEntity: "
        middle = "in a middle of a UTF-16 symbol at byte offset 4"
        for entity, why in (
                (5, begin + "expected an Object"), ({}, begin + 'Can\'t find field "offset"'),
                ({"offset": 0}, begin + 'Can\'t find field "length"'),
                ({"offset": 0, "length": 1}, begin + 'Can\'t find field "type"'),
                (bold("x", 1), begin + 'Field "offset" must be a valid Number'),
                (bold(0.5, 1), begin + 'Field "offset" must be a valid Number'),
                (bold(None, 1), begin + 'Field "offset" must be a Number'),
                (bold(0, 1, type=1), begin + 'Field "type" must be of type String'),
                (bold(0, 1, type=""), begin + "Type is not specified"),
                (bold(0, 1, type="boldd"), begin + "Unsupported type specified"),
                (bold(0, 1, type="text_link"), begin + 'Can\'t find field "url"'),
                (bold(-1, 2), "receive an entity with incorrect offset -1"),
                (bold(0, -1), "receive an entity with incorrect length -1"),
                (bold(1, 2), f"entity begins {middle}"),
                (bold(0, 1), f"entity beginning at UTF-16 offset 0 ends {middle}")):
            with self.subTest(entity):
                self.refused(self.send(text=f"{FACE}abc", entities=[entity]), 400,
                             f"Bad Request: {why}")

    def test_entities_on_which_the_stand_in_is_stricter(self):
        out = "an entity that is empty or ends behind the text"
        for entities, why in (
                ([bold(0, 0)], out), ([bold(0, 6)], out), ([bold(9, 1)], out),
                ([bold(0, 3), bold(2, 3)], "two entities cross"),
                ([bold(0, 3), bold(1, 1, type="code")],
                 "code holds another entity or is held by one"),
                ([bold(0, 1, type="text_link", url="here")], "the url of a text_link is none")):
            with self.subTest(entities):
                self.refused(self.send(text="abcde", entities=entities), 400, f"stand-in: {why}")

    def test_more_than_a_hundred_entities(self):
        entities = [bold(2 * at, 1) for at in range(101)]
        kept = self.taken(self.send(text="a " * 101, entities=entities))
        self.assertEqual((len(kept.entities), kept.record["entities_ignored"]), (100, 1))
        kept = self.taken(self.send(text="a " * 101, entities=entities[:100]))
        self.assertEqual((len(kept.entities), kept.record["entities_ignored"]), (100, 0))


class ParseMode(StandInTest):
    def test_html_that_is_refused(self):
        begin = "Bad Request: can't parse entities: "
        for text, why in (
                ("cpu < 80 %", 'Unsupported start tag "" at byte offset 4'),
                ("ф<x>", 'Unsupported start tag "x" at byte offset 2'),
                ("a <b", "Unclosed start tag at byte offset 2"),
                ('<a href="x', "Unclosed start tag at byte offset 0"),
                ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
                ("a</b>", "Unexpected end tag at byte offset 1"),
                ("<b>a</b", "Unclosed end tag at byte offset 4"),
                ("<b>a</i>",
                 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
                ("<span>a</span>",
                 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
                ("<b>a", 'Can\'t find end tag corresponding to start tag "b"')):
            with self.subTest(text):
                self.refused(self.send(text=text, parse_mode="HTML"), 400, begin + why)

    def test_html_that_is_taken_and_recorded(self):
        text = f'{FACE} <b>a &lt; <i>b</i></b> &#x444; &amp <a href="https://a.example">c</a>'
        kept = self.taken(self.send(text=text, parse_mode="html"))
        self.assertEqual(kept.text, f"{FACE} a < b ф & c")
        self.assertEqual(kept.record["parse_mode"], "html")
        self.assertEqual([(e["type"], e["offset"], e["length"]) for e in kept.entities],
                         [("italic", 7, 1), ("bold", 3, 5), ("text_link", 13, 1)])
        self.assertIsNone(self.taken(self.send()).record["parse_mode"])

    def test_other_modes(self):
        self.refused(self.send(parse_mode="rtf"), 400, "Bad Request: unsupported parse_mode")
        self.refused(self.send(parse_mode="MarkdownV2"), 400,
                     "stand-in: parse_mode MarkdownV2 is not modelled")
        self.refused(self.send(parse_mode="HTML", entities=[]), 400,
                     "stand-in: entities beside parse_mode")
