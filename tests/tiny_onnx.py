"""The smallest networks that OpenCV reads as ONNX, written byte by byte (protocol buffers, onnx.proto of IR version 7).

A picture's mean colours are weighed into one logit a class: GlobalAveragePool, Flatten, Gemm.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def colour_weighing_network(weights: Sequence[Sequence[float]], biases: Sequence[float], side_px: int) -> bytes:
    """An ONNX file: input (1, 3, side, side), output (1, classes).

    Args:
        weights: one row a class, one value a channel.
        biases: one a class.
    """
    classes = len(biases)
    graph = (
        _field(1, _node("GlobalAveragePool", ["picture"], "mean"))
        + _field(1, _node("Flatten", ["mean"], "flat"))
        + _field(1, _node("Gemm", ["flat", "weights", "biases"], "logits"))
        + _field(2, b"tiny")
        + _field(5, _tensor("weights", np.array(weights, dtype="<f4").T))
        + _field(5, _tensor("biases", np.array(biases, dtype="<f4")))
        + _field(11, _value("picture", (1, 3, side_px, side_px)))
        + _field(12, _value("logits", (1, classes)))
    )
    operators = _field(1, b"") + _number(2, 13)
    return _number(1, 7) + _field(7, graph) + _field(8, operators)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _node(operator: str, inputs: list[str], output: str) -> bytes:
    named = b"".join(_field(1, name.encode()) for name in inputs)
    return named + _field(2, output.encode()) + _field(3, output.encode()) + _field(4, operator.encode())


def _tensor(name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    sizes = b"".join(_number(1, size) for size in values.shape)
    return sizes + _number(2, 1) + _field(8, name.encode()) + _field(9, np.ascontiguousarray(values).tobytes())


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    sizes = b"".join(_field(1, _number(1, size)) for size in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, 1) + _field(2, sizes)))
