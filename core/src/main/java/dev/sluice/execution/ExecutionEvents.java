package dev.sluice.execution;

/** Is told what came of each call of an executor, for metrics. Called on the caller's thread; must not block. What it throws is logged. */
@FunctionalInterface
public interface ExecutionEvents {
    /** Nobody wants to know. */
    ExecutionEvents NONE = (kind, execution) -> {};

    /** @param kind of the work, as the executor was given it */
    void ended(String kind, Execution<?> execution);
}
