#!/usr/bin/env python3
"""Asks `vignette serve` with the clients that people have, and compares the captions with `vignette caption`'s.

    python3 -m venv venv && venv/bin/pip install huggingface_hub openai ollama openapi-spec-validator
    venv/bin/python Tests/Clients/clients.py --vignette .build/release/vignette [--model FOLDER] [IMAGE …]
"""
import argparse
import base64
import importlib.metadata
import json
import subprocess
import sys

import served

import ollama
import openai
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

given = served.arguments(argparse.ArgumentParser(description=__doc__.split("\n")[0]))
short = ("--max-new-tokens", "12")
server = served.Server(given.vignette, given.model, *short)
name = given.model.rstrip("/").rsplit("/", 1)[-1]
expected = {path: texts[0] for path, texts in served.captions(given.vignette, given.model, given.images, *short).items()}
beams = served.captions(
    given.vignette, given.model, given.images, *short, "--num-beams", "3", "--num-return-sequences", "3")
failures = []


def check(what, found, wanted):
    if found == wanted:
        print(f"ok      {what}")
    else:
        failures.append(what)
        print(f"WRONG   {what}: {found!r} instead of {wanted!r}")


def raises(what, error, call):
    try:
        found = call()
    except error as reason:
        print(f"ok      {what}: {str(reason).splitlines()[0][:100]}")
    else:
        failures.append(what)
        print(f"WRONG   {what}: no {error.__name__} but {found!r}")


def curl(path, *options):
    run = subprocess.run(["curl", "-s", *options, server.url + path], check=True, capture_output=True, text=True)
    return run.stdout


for package in ("huggingface_hub", "openai", "ollama"):
    print(package, importlib.metadata.version(package))

chat = openai.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)
local = ollama.Client(host=server.url)
for image in given.images:
    data = image.read_bytes()
    url = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    want = expected[str(image)]
    print(f"\n{image.name}: {want!r}")

    # huggingface_hub
    for address in (server.url, f"{server.url}/models/{name}"):
        client = InferenceClient(model=address)
        check(f"InferenceClient.image_to_text, {address.removeprefix(server.url) or '/'}",
              client.image_to_text(str(image)).generated_text, want)
        check("InferenceClient.image_to_text, bytes", client.image_to_text(data).generated_text, want)

    # openai
    messages = [{"role": "user", "content": [
        {"type": "text", "text": "What is in this image?"},
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]}]
    answer = chat.chat.completions.create(model=name, messages=messages)
    check("openai chat", answer.choices[0].message.content, want)
    check("openai chat, usage", answer.usage.total_tokens > answer.usage.completion_tokens > 0, True)
    answer = chat.chat.completions.create(model=name, messages=messages, n=3, logprobs=True, top_logprobs=2)
    check("openai chat, n=3", [choice.message.content for choice in answer.choices], beams[str(image)])
    check("openai chat, logprobs", {len(token.top_logprobs) for token in answer.choices[0].logprobs.content}, {2})
    parts = list(chat.chat.completions.create(
        model=name, messages=messages, stream=True, stream_options={"include_usage": True}))
    texts = [part.choices[0].delta.content or "" for part in parts if part.choices]
    check("openai chat, stream", "".join(texts), want)
    check("openai chat, stream, several parts", sum(bool(text) for text in texts) > 1, True)
    check("openai chat, stream, usage", parts[-1].usage.completion_tokens > 0, True)
    try:
        with chat.chat.completions.stream(model=name, messages=messages) as stream:
            texts = [event.delta for event in stream if event.type == "content.delta"]
    except openai.LengthFinishReasonError as reason:
        # The helper's way to say that the caption is cut off; it has the whole answer.
        texts = [reason.completion.choices[0].message.content]
    check("openai chat, stream helper", "".join(texts), want)

    asked = [{"role": "user", "content": [
        {"type": "input_text", "text": "What is in this image?"},
        {"type": "input_image", "image_url": url, "detail": "low"}]}]
    check("openai responses", chat.responses.create(model=name, input=asked).output_text, want)
    events = list(chat.responses.create(model=name, input=asked, stream=True))
    check("openai responses, stream", "".join(
        event.delta for event in events if event.type == "response.output_text.delta"), want)
    check("openai responses, last event", events[-1].type in ("response.completed", "response.incomplete"), True)
    check("openai responses, response in it", events[-1].response.output_text, want)
    with chat.responses.stream(model=name, input=asked) as stream:
        for event in stream:
            pass
    print("ok      openai responses, stream helper")

    # ollama
    check("ollama generate", local.generate(model=name, prompt="caption", images=[str(image)]).response, want)
    check("ollama generate, stream", "".join(
        part.response for part in local.generate(model=name, prompt="caption", images=[data], stream=True)), want)
    message = {"role": "user", "content": "caption", "images": [data]}
    check("ollama chat", local.chat(model=name, messages=[message]).message.content, want)
    check("ollama chat, stream", "".join(
        part.message.content for part in local.chat(model=name, messages=[message], stream=True)), want)
    check("ollama generate, options", local.generate(
        model=name, prompt="", images=[data], options={"num_predict": 12, "temperature": 0, "num_ctx": 2048}).response,
        want)

    # curl
    check("curl, bytes", json.loads(curl("/", "--data-binary", f"@{image}"))[0]["generated_text"], want)
    check("curl, JavaScript's shape", json.loads(
        curl("/", "-A", "@huggingface/inference/4.0.0", "--data-binary", f"@{image}"))["generated_text"], want)
    own = json.loads(curl("/api/v1/caption", "-F", f"image=@{image}", "-F", f"image=@{image}", "-F", "num_beams=3",
                          "-F", "num_return_sequences=3"))
    check("curl, multipart with two images and three beams",
          [[caption["text"] for caption in result["captions"]] for result in own["results"]], [beams[str(image)]] * 2)
    check("curl, its own stream", "".join(
        json.loads(line[6:])["token"]["text"]
        for line in curl("/api/v1/caption?stream=true", "-F", f"image=@{image}").splitlines()
        if line.startswith('data: {"index": 0, "token"')), want)
    body = json.dumps({"inputs": url.split(",")[1], "parameters": {"max_new_tokens": 12}})
    check("curl, JSON", json.loads(subprocess.run(
        ["curl", "-s", "-H", "Content-Type: application/json", "--data-binary", "@-", server.url], input=body, check=True,
        capture_output=True, text=True).stdout)[0]["generated_text"], want)

print("\nmodels and errors")
check("openai models", [model.id for model in chat.models.list()], [name])
check("ollama list", [model.model for model in local.list().models], [name])
check("ollama show", "vision" in local.show(name).capabilities, True)
check("ollama ps", [model.name for model in local.ps().models], [name])
raises("huggingface_hub, no image", HfHubHTTPError, lambda: InferenceClient(model=server.url).image_to_text(b"no image"))
raises("openai, unknown model", openai.NotFoundError,
       lambda: chat.chat.completions.create(model="gpt", messages=messages))
raises("openai, field", openai.BadRequestError,
       lambda: chat.chat.completions.create(model=name, messages=messages, presence_penalty=1))
raises("openai, no image", openai.BadRequestError,
       lambda: chat.responses.create(model=name, input="hello"))
raises("ollama, no image", ollama.ResponseError, lambda: local.generate(model=name, prompt="hello"))
check("curl, live", json.loads(curl("/health/live"))["status"], "live")
check("curl, ready", json.loads(curl("/health/ready"))["status"], "ready")
check("curl, measures", "vignette_requests_total" in curl("/metrics"), True)
try:
    from openapi_spec_validator import validate
    validate(json.loads(curl("/openapi.json")))
    print("ok      openapi-spec-validator", importlib.metadata.version("openapi-spec-validator"))
except ImportError:
    print("        openapi-spec-validator isn't installed: the description isn't checked")
check("SIGTERM, exit status", server.stop(), 0)
print(f"\n{len(failures)} wrong" if failures else "\nall as it should be")
sys.exit(bool(failures))
