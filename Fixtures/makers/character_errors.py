"""Character error rates as Hugging Face's `evaluate` gives them under the name cer: jiwer's, with its transforms.

Of several references, each prediction's best one counts; `evaluate` itself takes one.
"""
import random

import jiwer
from support import reference

TRANSFORM = jiwer.Compose([jiwer.RemoveMultipleSpaces(), jiwer.Strip(), jiwer.ReduceToListOfListOfChars()])

# Every line here is invented.
LINES = [
    ("this is the prediction", ["this is the reference"]),
    ("there is an other sample", ["there is another one"]),
    ("INVOICE No. 4711", ["INVOICE No. 4711"]),
    ("", ["nothing was read"]),
    ("much more was read than stands there", ["more"]),
    ("  spaces   at both\t\tends \n", ["spaces at both ends"]),
    ("a\tb", ["a b"]),
    ("na\u00efve caf\u00e9", ["nai\u0308ve cafe\u0301"]),
    ("\u65e5\u672c\u306e\u6587\u5b57", ["\u65e5\u672c\u8a9e\u306e\u6587\u5b57"]),
    ("\U0001F469\u200d\U0001F680 flies", ["\U0001F680 flies"]),
    ("one\u00a0\u2003two", ["one two"]),
    ("Case", ["case"]),
    ("kitten", ["sitting", "kitchen", "mitten"]),
    ("abc", ["abcdefghij", "xyz"]),
]


def errors(prediction, text):
    output = jiwer.process_characters(
        text, prediction, reference_transform=TRANSFORM, hypothesis_transform=TRANSFORM)
    return (output.substitutions + output.deletions + output.insertions,
            output.substitutions + output.deletions + output.hits)


def score(lines):
    each = [min((errors(prediction, text) for text in texts), key=lambda found: found[0] / found[1])
            for prediction, texts in lines]
    return {"value": sum(wrong for wrong, _ in each) / sum(count for _, count in each),
            "perImage": [wrong / count for wrong, count in each]}


def random_lines(count):
    """Lines over a few letters, with one that was changed here and there."""
    choose = random.Random(3)
    lines = []
    for _ in range(count):
        text = "".join(choose.choice("abc d") for _ in range(choose.randint(1, 40))).strip() or "a"
        changed = "".join(choose.choice(("", letter, letter, letter, choose.choice("abx "), letter + "b"))
                          for letter in text)
        lines.append((changed, [text]))
    return lines


def make(folder):
    cases = [{"lines": [{"prediction": prediction, "references": texts} for prediction, texts in lines],
              "score": score(lines)} for lines in (LINES, random_lines(120))]
    reference.write_json(cases, folder / "cases.json")
