package dev.sluice.delivery;

/**
 * Makes one try at the upstream. Called by the pipeline only after the dispatch mark stands, and never twice at once for
 * one call.
 */
@FunctionalInterface
public interface Sender {
    /**
     * Tries once; must not repeat by itself, and must end within its own timeout.
     *
     * @throws InterruptedException if the thread is interrupted; then the outcome counts as unknown
     */
    Attempt send(Dispatch dispatch) throws InterruptedException;
}
