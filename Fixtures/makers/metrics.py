"""Reference scores, stems, sentences and tokens for the Metrics room.

Needs Java (for coco-caption's tokenizer) and NLTK's `punkt_tab` data: set NLTK_DATA to its folder, or
let `nltk.download("punkt_tab")` fetch it.

    python Fixtures/makers/metrics.py punkt     rewrites the embedded English Punkt model
"""
import pathlib
import sys
import textwrap

MODEL = pathlib.Path(__file__).resolve().parents[2] / "Sources/Metrics/Sentences/EnglishPunktWords.swift"

HEADER = '''// swift-format-ignore-file
// Written by Fixtures/makers/metrics.py from NLTK's `punkt_tab` data for English; don't edit.
//
// The Punkt model was prepared by Jan Strunk and Tibor Kiss and is redistributed by the NLTK Project
// (https://www.nltk.org/) under the Apache License, Version 2.0. See NOTICE. Changed here: words whose
// spelling never decides a sentence's end are left out, and the rest are grouped by what they decide.

/// The tables behind `EnglishPunktModel`.
enum EnglishPunktWords {
'''


def punkt_parameters():
    import nltk
    from nltk.tokenize.punkt import PunktTokenizer
    try:
        return PunktTokenizer("english")._params
    except LookupError:
        nltk.download("punkt_tab")
        return PunktTokenizer("english")._params


def front_coded(words):
    """Sorted words, each as a capital letter for the length shared with the one before, and its rest."""
    coded, previous = [], ""
    for word in sorted(words):
        shared = 0
        while shared < min(len(previous), len(word), 25) and previous[shared] == word[shared]:
            shared += 1
        coded.append(chr(ord("A") + shared) + word[shared:])
        previous = word
    return "".join(coded)


def constant(name, comment, text):
    lines = textwrap.wrap(text, 100, break_on_hyphens=False) if " " in text else [
        text[i:i + 100] for i in range(0, len(text), 100)]
    body = (" \\\n" if " " in text else "\\\n").join("    " + line for line in lines)
    return f'  /// {comment}\n  static let {name} = """\n{body}\n    """\n\n'


def write_punkt_model():
    parameters = punkt_parameters()
    begin_lower, inside_upper = 1 << 4, 1 << 2
    upper, lower = 0b1110, 0b1110000
    groups = {"capitalisedInside": [], "lowercaseInside": [], "lowercaseAnywhere": []}
    for word, context in parameters.ortho_context.items():
        # Only words that begin with a letter have a case, and only lower case tells them from unseen.
        if not word[0].isalpha() or not context & lower:
            continue
        assert word.isascii() and word == word.lower()
        seen_lower_first = context & begin_lower and not context & upper
        if context & inside_upper:
            assert not seen_lower_first
            groups["capitalisedInside"].append(word)
        else:
            groups["lowercaseAnywhere" if seen_lower_first else "lowercaseInside"].append(word)
    collocations = {}
    for first, second in sorted(parameters.collocations):
        collocations.setdefault(first, []).append(second)
    # One abbreviation is spaced dots, which EnglishPunktModel adds itself.
    abbreviations = " ".join(sorted(w for w in parameters.abbrev_types if " " not in w))
    assert parameters.abbrev_types - set(abbreviations.split()) == {". . "}
    text = HEADER
    text += constant("abbreviations", "Abbreviations without their last period.", abbreviations)
    text += constant(
        "sentenceStarters", "Words that often begin sentences.", " ".join(sorted(parameters.sent_starters)))
    text += "  /// Words that follow a word and a period within a sentence, by that word.\n"
    text += "  static let collocations = [\n"
    for first, seconds in collocations.items():
        text += f'    "{first}": "{" ".join(seconds)}",\n'
    text += "  ]\n\n"
    text += constant(
        "lowercaseAnywhere", "Seen in lower case at the start of sentences, never capitalised.",
        " ".join(sorted(groups["lowercaseAnywhere"])))
    text += constant(
        "capitalisedInside", "Seen in lower case and capitalised inside sentences, front-coded.",
        front_coded(groups["capitalisedInside"]))
    text += constant(
        "lowercaseInside", "Seen in lower case, never capitalised inside sentences, front-coded.",
        front_coded(groups["lowercaseInside"]))
    MODEL.write_text(text.rstrip() + "\n}\n")


CAPTIONS = [
    # (prediction, references): every caption here is invented.
    ("a cat on a rock", ["a cat on a stone"]),
    ("the dog in the park", ["the dog in the park"]),
    ("a man riding a bicycle on a street", ["a man riding a bicycle on a street"]),
    ("a woman walking with an umbrella in the rain", ["a woman holding an umbrella walking in the rain"]),
    ("a child playing with a red ball", ["a child playing with a yellow ball"]),
    ("Two dogs aren't chasing a ball. They're asleep.", [
        "Two sleeping dogs.", "The dogs, both asleep, don't chase anything.", "dogs dogs dogs", "A (brown) dog & a ball"]),
    ("", ["an empty prediction", ""]),
    ("...", ["?!", "a mark"]),
    ("nothing in common", ["zebras graze quietly"]),
    ("a a a a a a a a a a", ["a a a", "a b a b a b"]),
    ("the cats' toys were running, jumped and flies quickly", [
        "the cat's toy is running, jumps and flew quickly", "cats toying; runners jumping; a fly's quickness"]),
    ("A 2 1/2 ton truck at 10:30 p.m. in Washington D.C. near St. Mary's.", [
        "a two-and-a-half ton truck in Washington, D.C.", "The 2 1/2-ton truck parks by St. Mary's at 10:30."]),
    ("First line here.\nSecond line there.", ["Second line there.\nFirst line here.", "First line there. Second line here."]),
    ("Mr. Brown went home. He ate pie.", ["Mr. Brown ate pie. He went home.", "He ate pie! Mr. Brown went home?"]),
    ("\u201cHello\u201d said the caf\u00e9\u2019s owner \u2014 na\u00efvely", ["\"Hello\" said the cafe's owner - naively"]),
    ("skies dying lying innings howe succeed happily nationalities", [
        "sky die lie inning how success happy national", "skies died lied inning howe succeeding happier nation"]),
    ("a person riding a horse on the beach at sunset with a dog running behind them in the water", [
        "person on horseback", "a person rides a horse along the beach while a dog runs behind at sunset",
        "a horse, a dog and a rider on the shore of the sea when the sun goes down over the water"]),
    ("x", ["x"]),
    ("\u212Aelvin and \u0130stanbul in the 1990's", ["kelvin and istanbul in the 1990s"]),
]

STEMS = """cat run walk ride hop fall fizz hiss tan file fail size trouble conflate motor plaster agree feed bleed sky fly try
spy say enjoy boy toy happy relate condition ration valency hesitate digit conform radical differ vile analogy vietnam
predict operate feudal decide hope callous formal sensitive sensible triple form electric good revive allow infer airline
gyroscope adjust defend irritate replace depend adopt homolog commune active angular effect bowdler probe rate cease
control roll geology archaeology theology fully hopeful care beauty day play key money photo picture stand sit hold
look wear jump skate surf snow board kite table kitchen bath room bus train truck motorcycle plane giraffe zebra
elephant sheep bear horse cow bird bench umbrella tie frisbee ski ball bat glove racket bottle glass cup fork knife
spoon bowl banana apple sandwich orange broccoli carrot pizza donut cake chair couch plant bed toilet screen laptop
mouse remote keyboard phone oven toaster sink book clock vase scissors yyy syzygy ivy oats private orrery tree by"""

ENDINGS = """ s es ed ing er ers est ly ness nesses ment ments ation ations ational ator ators ize izes ized izer izing
ization ism ist ity ities ive iveness ively ful fully fulness ous ously ousness al ally alism ality ance ancy ence ency
able ably ability ible ibly ibility ant ent ently ement ic ical icate ative alize iciti logi logy ied ies eed y ion sion
tion ss sses ll bli alli entli eli ousli iviti biliti e ee""".split()

SENTENCES = [
    "", " ", "One.", "One. Two.", "One! Two? Three.", "He is Mr. Smith. She is Dr. Jones.", "Wait... what? Yes.",
    "A man (who is old.) He walks.", 'She said "stop." Then she ran.', "She said \u201cstop.\u201d Then she ran.",
    "It costs $3.50. Cheap.", "Version 2. is out. Version 3. The end.", "J. Bach wrote it. J. The end.",
    "the u.s. army. The U.S. Army in the U.S. The end.", "at 5 p.m. the bus left. at 5 p.m. The bus left.",
    "One.Two. Three.", "One. two. three.", "  leading. and trailing.  ", "Line one.\nLine two.\n\nLine three",
    "A dog. . . a cat.", "A dog . . . A cat.", "end...  Then", "end!!! Then!!", "end?) Then.", "end.) -- Then.", "end.'--Then.",
    "Mr. and Mrs. Brown vs. St. Mary's. No. 5 wins. The no. of dogs.", "i.e. this. e.g. that. Etc. Then.",
    "On Feb. 3 it rained. In Feb. It rained.", "5. Then 6. then 7.", "cats, dogs.; birds. Fish", "x.y. Z", "Jan. Smith",
    "A. B. C. D.", "a. b. c. d.", "U.N. Ambassador. I. Magnin. B. Smith.", "pre-Feb. War. half-sen. Act.",
    "\u00abOui.\u00bb Non.", "yes.\u2019 No.", "one.\u00a0two. three.\u2003Four", "Co. Ltd. Inc. According to Corp. Then",
    "-- . -- ? !", "a .b . c", "No! No. NO? no", "3. April. 4. May", "A.m. or P.m. Who knows. Sen. Lee", "Ph.D. Students. Ph.D. They",
    "A group of people. Some sit. There is a dog. It's big.", "Is it \"a dog?\" Yes. 'A cat!' No.",
]

WORDS = """a an the man's dogs' cat don't can't isn't it's I'm they're we've he'd she'll o'clock 'n' rock'n'roll St. Mr. Mrs.
Dr. U.S. U.S.A. e.g. i.e. p.m. a.m. No. no. etc. Jr. ft. in. oz. lb. Ave. Blvd. Inc. Co. 5 12 3.5 1,000 10,000.50 1/2 3/4
2 10:30 '90s 1990s 1980's x-ray T-shirt twenty-one black-and-white A&M AT&T R&B B.C. D.C. 5pm 5p.m. 5'10" 6' 2" " ' ` ( )
[ ] { } , . ; : ! ? ?! !!! - -- --- ... .. $5 $ US$5 \u00a35 \u20ac5 5\u00a2 5% 100% # #1 #tag @me @ & * ** + = / \\ | < > ~ ^ _
under_score and/or w/o he/she A/C 24/7 n/a W. J. K. A The This I gonna wanna cannot gimme lemme gotta 'em 'til 'tis 'twas 's
'cause ma'am y'all d'Angelo O'Neill c'est Hawai'i 2nd 21st 4x4 555-1234 (555) 650-123-4567 photo.jpg IMG_1.jpg 5.jpg c++ C#
http://example.com www.example.com example.com/page me@example.org <b> </b> <br/> &amp; &lt; &quot; :) ;-) :D <3 ^_^ =(
caf\u00e9 na\u00efve \u201cquoted\u201d \u2018single\u2019 don\u2019t it\u2019s \u2013 \u2014 \u2026 \u00bd \u00bc 1\u00bd \u00b0 30\u00b0C \u00d7 \u2122 \u00ae \U0001F600 \u65e5\u672c\u8a9e
\u00aboui\u00bb \u00f1 5-year-old well-known non-U.S. 1.5-inch mid-1990s Wal-Mart's self- -ish x.x. Ph.D. M.D. etc., U.S.,
Sept. Sat. Tues. Calif. Mass. mass. wash. Wash. fig. pp. vol. -5 +5 -.5 .5 5. 5.- 1-800-555-1234 1/2-inch 8-1/2 AC/DC O'
n't NOT's I'd've shouldn't've ain't 's' ''tis'' `quoted' "a" (a) [a] don't. can't, it's; its' UNESCO iPhone iPad's""".split()


def reference_tokens(captions):
    import os
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer
    os.environ["JAVA_TOOL_OPTIONS"] = "-Dfile.encoding=UTF-8"
    keyed = {index: [{"caption": caption}] for index, caption in enumerate(captions)}
    return [tokens[0] for tokens in PTBTokenizer().tokenize(keyed).values()]


def awkward_lines():
    """Single words in a frame, and random runs of words with and without spaces between."""
    import random
    choose = random.Random(7)
    lines = [f"x {word} x" for word in WORDS]
    for _ in range(400):
        lines.append(" ".join(choose.choice(WORDS) for _ in range(choose.randint(4, 9))))
    for first, second in zip(WORDS, WORDS[1:]):
        if first.isalnum() or second.isalnum():
            lines.append(f"a {first} {second}.")
    return lines


def scores(captions):
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge
    predictions = reference_tokens([prediction for prediction, _ in captions])
    flat = iter(reference_tokens([text for _, references in captions for text in references]))
    results = {index: [tokens] for index, tokens in enumerate(predictions)}
    truths = {index: [next(flat) for _ in references] for index, (_, references) in enumerate(captions)}
    found = {}
    bleu, bleus = Bleu(4).compute_score(truths, results, verbose=0)
    for n in range(4):
        found[f"Bleu_{n + 1}"] = {"value": bleu[n], "perImage": bleus[n]}
    for name, scorer in (("ROUGE_L", Rouge()), ("CIDEr", Cider())):
        value, each = scorer.compute_score(truths, results)
        found[name] = {"value": float(value), "perImage": [float(x) for x in each]}
    return found


def rouge(captions, use_stemmer, split):
    import nltk
    from rouge_score import rouge_scorer
    names = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    scorer = rouge_scorer.RougeScorer(names, use_stemmer=use_stemmer)
    def lines(text):
        return "\n".join(nltk.sent_tokenize(text.strip())) if split else text
    each = [scorer.score_multi([lines(r) for r in references], lines(prediction)) for prediction, references in captions]
    return {
        name: {
            "value": sum(score[name].fmeasure for score in each) / len(each),
            "perImage": [score[name].fmeasure for score in each],
        } for name in names
    }


def make(folder):
    import json
    import nltk
    from nltk.stem.porter import PorterStemmer
    punkt_parameters()

    def write(name, value):
        (folder / name).write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")

    write("captions.json", [{"prediction": p, "references": r} for p, r in CAPTIONS])
    write("coco_scores.json", scores(CAPTIONS))
    write("goldens.json", [
        {"captions": [{"prediction": p, "references": r} for p, r in corpus], "scores": scores(corpus)}
        for corpus in (CAPTIONS[:2], CAPTIONS[2:5])])
    write("rouge_scores.json", [
        {"useStemmer": stem, "splitSentences": split, "scores": rouge(CAPTIONS, stem, split)}
        for stem in (False, True) for split in (False, True)])
    stemmer = PorterStemmer()
    words = sorted({word + ending for word in STEMS.split() for ending in ENDINGS if len(word + ending) > 2}
                   | {word.rstrip("ey") + ending for word in STEMS.split() for ending in ENDINGS if len(word) > 3}
                   | {"skies", "dying", "lying", "tying", "news", "innings", "outing", "cannings", "proceed", "exceed"})
    (folder / "stems.txt").write_text("".join(f"{word} {stemmer.stem(word)}\n" for word in words[::3]))
    write("sentences.json", [{"text": text, "sentences": nltk.sent_tokenize(text)} for text in SENTENCES])
    lines = awkward_lines()
    write("ptb.json", {"lines": lines, "tokens": reference_tokens(lines)})


if __name__ == "__main__":
    if sys.argv[1:] != ["punkt"]:
        sys.exit(__doc__)
    write_punkt_model()
