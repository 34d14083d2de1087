package dev.sluice.redis;

import dev.sluice.redis.RedisSettings.Topology;
import dev.sluice.redis.RedisUnavailableException.Reason;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Sends one command, waits for its reply within a deadline, and says what a failure means. */
final class Requests {
    private static final String PONG = "PONG";

    private Requests() {}

    /** The node does not know the script: nothing has run. */
    static final class NoScript extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoScript() {
            super("NOSCRIPT", null, false, false);
        }
    }

    /**
     * Sends and waits.
     *
     * @param name what errors call the command
     */
    static <T> T await(Link link, SentOnceCommand<T> command, String name, Deadline deadline) {
        return await(command, name, deadline, future -> link.dispatch(future));
    }

    static Duration ping(Link link, String shard, Deadline deadline) {
        var command = new SentOnceCommand<>(CommandType.PING, new StatusOutput<>(Connector.CODEC), null);
        String answer = await(command, "PING", deadline, future -> link.dispatch(future, shard));
        if (!PONG.equals(answer)) {
            throw new RedisUnavailableException(Reason.REFUSED, "Redis did not answer PING by PONG", false, null);
        }
        return deadline.elapsed();
    }

    /**
     * Waits until replicas have what was written over the shard's connection so far.
     *
     * @return how many have
     */
    static long replicas(Link link, String shard, int wanted, Duration longest, Deadline deadline) {
        var args = new CommandArgs<>(Connector.CODEC).add(wanted).add(longest.toMillis());
        var command = new SentOnceCommand<>(CommandType.WAIT, new IntegerOutput<>(Connector.CODEC), args);
        return await(command, "WAIT", deadline, future -> link.dispatch(future, shard));
    }

    static RedisInfo info(Link link, Topology topology, Deadline deadline) {
        String text = infoText(link, deadline);
        String mode = switch (topology) {
            case RedisSettings.Standalone one -> "standalone";
            case RedisSettings.Sentinel sentinel -> "sentinel";
            case RedisSettings.Cluster cluster -> "cluster";
        };
        return RedisInfo.parse(
                text, mode, configured(link, "appendfsync", deadline), configured(link, "save", deadline));
    }

    /**
     * Waits until the connection to the keys' shard is open.
     *
     * @return whether it is open, so that sending again is worth it; false where connections are not opened on demand
     */
    static boolean awaitOpening(Link link, List<String> keys, Deadline deadline) {
        Optional<CompletableFuture<?>> opening = keys.isEmpty() ? Optional.empty() : link.opening(keys.getFirst());
        if (opening.isEmpty()) {
            return false;
        }
        try {
            opening.get().get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException | TimeoutException | CancellationException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static <T> T await(SentOnceCommand<T> command, String name, Deadline deadline, Dispatch<T> dispatch) {
        if (deadline.remainingNanos() <= 0) {
            throw new RedisUnavailableException(
                    Reason.NO_REPLY,
                    "no time left to send " + name + " within " + deadline.lengthMillis() + " ms",
                    false,
                    null);
        }
        var future = new AsyncCommand<>(command);
        var reply = new CompletableFuture<T>();
        future.whenComplete((value, failure) -> {
            if (failure == null) {
                reply.complete(value);
            } else {
                reply.completeExceptionally(failure);
            }
        });
        try {
            dispatch.accept(future);
            DeadlineWatch.watch(reply, deadline);
            return reply.get();
        } catch (InterruptedException e) {
            boolean mayHaveRun = !command.withdraw();
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException(
                    Reason.INTERRUPTED, "interrupted while waiting for the reply to " + name, mayHaveRun, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TimeoutException) {
                boolean mayHaveRun = !command.withdraw();
                future.cancel(true);
                throw new RedisUnavailableException(
                        Reason.NO_REPLY,
                        "no reply to " + name + " within " + deadline.lengthMillis() + " ms",
                        mayHaveRun,
                        null);
            }
            throw failure(command, name, e.getCause());
        } catch (CancellationException | RedisException e) {
            throw failure(command, name, e);
        }
    }

    private static RuntimeException failure(SentOnceCommand<?> command, String name, @Nullable Throwable cause) {
        if (cause instanceof RedisNoScriptException) {
            return new NoScript();
        }
        String message = ServerError.redacted(cause == null ? null : cause.getMessage());
        if (cause instanceof RedisCommandExecutionException) {
            Optional<Reason> refusal = ServerError.refusal(message);
            return refusal.isEmpty()
                    ? new RedisScriptException(name, cause)
                    : new RedisUnavailableException(
                            refusal.get(), "Redis refused " + name + ": " + message, false, null);
        }
        boolean mayHaveRun = !command.withdraw();
        if (mayHaveRun) {
            return new RedisUnavailableException("connection lost while " + name + " was under way", true, cause);
        }
        // Lettuce has one exception for all it does not send; only its words tell a full queue from a lost connection.
        boolean full = message.contains("size exceeded");
        return full
                ? new RedisUnavailableException(Reason.OVERLOADED, name + " not sent: too many under way", false, cause)
                : new RedisUnavailableException("not connected, " + name + " not sent", false, cause);
    }

    static String infoText(Link link, Deadline deadline) {
        var command = new SentOnceCommand<>(CommandType.INFO, new ValueOutput<>(Connector.CODEC), null);
        byte[] text = await(link, command, "INFO", deadline);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** From CONFIG, which many hosted Redis forbid: then it stays unknown. */
    private static String configured(Link link, String name, Deadline deadline) {
        var args = new CommandArgs<>(Connector.CODEC).add("GET").add(name);
        var command = new SentOnceCommand<>(CommandType.CONFIG, new ArrayOutput<>(Connector.CODEC), args);
        try {
            List<Object> pair = await(link, command, "CONFIG", deadline);
            return pair.size() == 2 && pair.get(1) instanceof byte[] value
                    ? new String(value, StandardCharsets.UTF_8)
                    : RedisInfo.UNKNOWN;
        } catch (RedisScriptException | RedisUnavailableException e) {
            return RedisInfo.UNKNOWN;
        }
    }

    private interface Dispatch<T> {
        void accept(AsyncCommand<String, byte[], T> command);
    }
}
