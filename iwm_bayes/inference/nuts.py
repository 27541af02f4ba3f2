"""The no-U-turn sampler in whitened coordinates: one compiled program for warm-up and draws, run in blocks.

A draw is a transition of the no-U-turn sampler and two further Hamiltonian steps. Where the posterior is nearly normal
the former ends mostly where its path has turned round, and deviations from the mean keep their size; steps of about a
quarter turn, each with a new momentum, mix them. All leave the posterior as it is, and so do they one after the other.

Each chain is a program of its own on one thread, whose random numbers depend on the seed and the number of the chain
alone, so that the draws are the same whatever the number of chains or processors.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, CancelledError, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, NamedTuple

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from blackjax.adaptation.step_size import dual_averaging_adaptation
from blackjax.mcmc.hmc import HMCState as NUTSState
from jax import Array

from .integrator import clear_of_full_turns, rotation
from .linear_algebra import on_one_thread
from .mode import Whitening, stretch
from .program import Data, Program

BLOCK = 50
_FURTHER_STEPS = 2
_FIRST_STEP_SIZE = 1.0  # of a standard deviation: the coordinates are whitened


class Draws(NamedTuple):
    """Draws of one or several chains; arrays lead with (chain, draw) or (draw).

    Attributes
    ----------
    vector
        Unconstrained coordinates, (..., coordinate).
    log_density, acceptance_rate, diverging, energy, steps, step_size
        What the sampler reports of each draw; `steps` counts gradients: those of the tree, and of the further steps.
    """

    vector: np.ndarray
    log_density: np.ndarray
    acceptance_rate: np.ndarray
    diverging: np.ndarray
    energy: np.ndarray
    steps: np.ndarray
    step_size: np.ndarray


@dataclass(frozen=True)
class Schedule:
    """How long to sample.

    Parameters
    ----------
    chains, warmup, draws
        Warm-up and draws are per chain, and are rounded up to whole blocks.
    target_accept
        Acceptance rate at which the step size is aimed; None for that which is usual with the model.
    """

    chains: int = 4
    warmup: int = 100
    draws: int = 400
    target_accept: float | None = None

    @property
    def warmup_blocks(self) -> int:
        """How many blocks of warm-up there are."""
        return -(-self.warmup // BLOCK)

    @property
    def blocks(self) -> int:
        """How many blocks there are in all."""
        return self.warmup_blocks + -(-self.draws // BLOCK)


class Sampler:
    """The compiled sampler of one program; it can be run again with other data of the same shape."""

    def __init__(self, program: Program, target_accept: float, *, whitened: int | None = None) -> None:
        self._program = program
        self._whitened = whitened or program.size  # how many of the first coordinates are whitened
        self._start_adaptation, adapt, final_step_size = dual_averaging_adaptation(target_accept)
        kernel = blackjax.nuts.build_kernel(integrator=rotation)
        one_step = blackjax.hmc.build_kernel(integrator=rotation)
        identity = jnp.ones(program.size)

        def block(carry: Any, keys: Array, adapting: Array, mode: Array, root: Array, data: Data) -> Any:
            def density(standard: Array) -> Array:
                return program.log_density(mode + stretch(root.T, standard), data)

            def step(carry: Any, key: Array) -> Any:
                state, adaptation = carry
                adapted = jnp.where(adapting, jnp.exp(adaptation.log_step_size), final_step_size(adaptation))
                step_size = clear_of_full_turns(adapted)
                tree, further = jax.random.split(key)
                state, info = kernel(tree, state, density, step_size, identity)
                state, _ = jax.lax.scan(
                    lambda state, key: (one_step(key, state, density, step_size, identity, 1)[0], None),
                    state,
                    jax.random.split(further, _FURTHER_STEPS),
                )
                moved = adapt(adaptation, info.acceptance_rate)
                adaptation = jax.tree.map(lambda new, old: jnp.where(adapting, new, old), moved, adaptation)
                kept = (
                    mode + stretch(root.T, state.position),
                    state.logdensity,
                    info.acceptance_rate,
                    info.is_divergent,
                    info.energy,
                    info.num_integration_steps + _FURTHER_STEPS,
                    step_size,
                )
                return (state, adaptation), kept

            return jax.lax.scan(step, carry, keys)

        self._traced = jax.jit(block)
        self._compiled: Any = None

    def compile(self) -> None:
        """Compile the block; while another thread looks for the mode this costs no time."""
        if self._compiled is None:
            zeros = np.zeros(self._program.size)
            keys = jax.random.split(jax.random.key(0), BLOCK)
            carry = self._carry(zeros, 0.0, zeros, None)
            identity = np.eye(self._whitened)
            self._compiled = self._traced.lower(carry, keys, True, zeros, identity, self._program.data).compile()

    def _carry(self, standard: np.ndarray, log_density: float, gradient: np.ndarray, step_size: float | None) -> Any:
        state = NUTSState(jnp.asarray(standard), jnp.asarray(log_density), jnp.asarray(gradient))  # type: ignore[arg-type]
        adaptation = self._start_adaptation(step_size or _FIRST_STEP_SIZE)
        settled = jnp.log(step_size) if step_size else adaptation.log_step_size_avg
        return state, adaptation._replace(log_step_size_avg=jnp.asarray(settled, dtype=float))

    @on_one_thread
    def run(
        self,
        whitening: Whitening,
        data: Data,
        schedule: Schedule,
        seed: int,
        *,
        threads: int,
        step_size: float | None = None,
        kept: Mapping[int, Draws] | None = None,
        on_chain: Callable[[int, Draws], None] = lambda number, draws: None,
        on_block: Callable[[int, int], None] = lambda done, total: None,
    ) -> Draws:
        """Return the draws of all chains, (chain, draw, ...).

        With a `step_size` that is known to be good, warm-up only leaves the starting point behind. Chains that are
        `kept` are not drawn again; `on_chain` is given each of the others as it is done, and `on_block` is told how
        many blocks of how many are done, from whichever thread finished one. Where one of them raises, or the program
        is interrupted, the other chains end after their block.
        """
        self.compile()
        kept = kept or {}
        total = schedule.chains * schedule.blocks
        finished: list[int] = [number for number in kept for _ in range(schedule.blocks)]
        stopped = threading.Event()
        mode, root = jnp.asarray(whitening.mode), jnp.asarray(whitening.root)

        def adapting(index: int) -> bool:
            return step_size is None and index < schedule.warmup_blocks

        def chain(number: int) -> Draws:
            if number in kept:
                return kept[number]
            first, *rest = jax.random.split(jax.random.fold_in(jax.random.key(seed), number), 1 + schedule.blocks)
            standard = np.asarray(jax.random.normal(first, (self._program.size,)))
            log_density, gradient = self._program.value_and_gradient(jnp.asarray(whitening.place(standard)), data)
            carry = self._carry(standard, float(log_density), stretch(whitening.root, np.asarray(gradient)), step_size)
            blocks = []
            for index, key in enumerate(rest):
                if stopped.is_set():
                    raise CancelledError
                keys = jax.random.split(key, BLOCK)
                carry, out = self._compiled(carry, keys, adapting(index), mode, root, data)
                blocks.append([np.asarray(part) for part in out])
                finished.append(number)
                on_block(len(finished), total)
            sampled = blocks[schedule.warmup_blocks :]
            made = Draws(*(np.concatenate(parts)[: schedule.draws] for parts in zip(*sampled, strict=True)))
            on_chain(number, made)
            return made

        with ThreadPoolExecutor(max_workers=max(1, min(threads, schedule.chains))) as pool:
            try:
                running = [pool.submit(chain, number) for number in range(schedule.chains)]
                for ended in wait(running, return_when=FIRST_EXCEPTION).done:
                    ended.result()
                chains = [one.result() for one in running]
            except BaseException:
                stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return Draws(*(np.stack(parts) for parts in zip(*chains, strict=True)))
