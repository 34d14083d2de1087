package dev.sluice.delivery;

/**
 * The outbound pipeline: decides, dispatches, classifies, settles. Thread-safe; blocks its (virtual) thread for at most
 * the call's wait, the sender's own timeout and the settling.
 *
 * <p>Guarantees: a call is tried only after one atomic decision let it pass its limits and its claim; a call whose bytes
 * may have reached Telegram is never tried again, unless the method is safe to repeat; what is withdrawn was not sent.
 */
public interface Delivery {
    /**
     * Delivers one call.
     *
     * @param caller who waits; when it leaves before dispatch the call is withdrawn
     * @throws InterruptedException if the thread is interrupted while waiting; the call is then withdrawn
     */
    Delivered deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException;

    /**
     * A call's outcome, and the receipt to sign when its answer was written.
     *
     * @param receipt to be signed once, either way, on any one thread
     */
    record Delivered(Outcome outcome, Receipt receipt) {}

    /**
     * Tells the pipeline whether the answer reached the caller: an answer that did not makes the attempt ambiguous. One that
     * is not signed within the ambiguous window leaves the attempt unknown to its twins. Signing blocks the thread for as
     * long as the store takes to write it down, 2 s at most: never sign on an event loop.
     */
    interface Receipt {
        /** The answer was written to an open connection. */
        void answered();

        /** The caller was gone, or the connection was reset on writing. */
        void lost();
    }
}
