package dev.sluice.delivery;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * Sends through a user's own client: any {@link Callable} gets the pipeline's guards. Thread-safe.
 *
 * @param <T> what the callable returns
 */
public final class GuardedCall<T> {
    private static final int OK = 200;

    private final Delivery delivery;
    private final ResultCodec<T> codec;
    private final Function<Exception, Attempt> failures;

    /**
     * @param failures what an exception says about the attempt; see {@link #mayHaveHappened}
     */
    public GuardedCall(Delivery delivery, ResultCodec<T> codec, Function<Exception, Attempt> failures) {
        this.delivery = delivery;
        this.codec = codec;
        this.failures = failures;
    }

    /**
     * What came of it.
     *
     * @param value the result, of this call or of its first twin; empty unless it was sent or is a duplicate
     */
    public record Guarded<T>(Outcome outcome, Optional<T> value) {}

    /** Calls {@code send} when its turn has come, once. */
    public Guarded<T> run(OutboundCall call, Callable<T> send) throws InterruptedException {
        Delivery.Delivered delivered = delivery.deliver(call, new Caller(), dispatch -> attempt(send));
        delivered.receipt().answered();
        Outcome outcome = delivered.outcome();
        return new Guarded<>(
                outcome,
                switch (outcome) {
                    case Outcome.Sent(Reply reply) -> Optional.of(codec.decode(reply.body()));
                    case Outcome.Duplicate(Reply reply)
                    when reply.isSuccess() -> Optional.of(codec.decode(reply.body()));
                    default -> Optional.empty();
                });
    }

    private Attempt attempt(Callable<T> send) throws InterruptedException {
        try {
            return new Attempt.Answered(Reply.of(OK, codec.encode(send.call())));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return failures.apply(e);
        }
    }

    /**
     * The careful reading: only an exception that says nothing was connected means that nothing happened. A client's own
     * exceptions for 429 and refusals deserve a reading of their own.
     */
    public static Attempt mayHaveHappened(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof NoRouteToHostException) {
                return new Attempt.NotReached("connect");
            }
        }
        return new Attempt.Unanswered(e.getClass().getSimpleName());
    }
}
