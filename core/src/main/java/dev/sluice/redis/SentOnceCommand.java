package dev.sluice.redis;

import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A command that knows whether it was written, and can be withdrawn while it was not: the ground under "may have run".
 *
 * <p>Writing and withdrawing race for one state, so exactly one of them wins. Lettuce keeps one reply slot per command and
 * cannot take a command back from its event loop, so a withdrawn command is written as a PING: harmless, and its reply
 * fills the slot.
 */
final class SentOnceCommand<T> extends Command<String, byte[], T> {
    private static final byte[] PING = "*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII);

    private enum State {
        WAITING,
        SENT,
        WITHDRAWN
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

    SentOnceCommand(
            ProtocolKeyword type, CommandOutput<String, byte[], T> output, @Nullable CommandArgs<String, byte[]> args) {
        super(type, output, args);
    }

    /** A command whose output also notices that a Cluster node sent it elsewhere, which means that it did not run there. */
    static SentOnceCommand<List<Object>> script(
            CommandType type, RedisCodec<String, byte[]> codec, CommandArgs<String, byte[]> args) {
        var output = new ScriptOutput(codec);
        var command = new SentOnceCommand<>(type, output, args);
        output.onRedirect = command::redirected;
        return command;
    }

    /**
     * Takes the command back.
     *
     * @return true if it has not been written and never will be; false if it may run
     */
    boolean withdraw() {
        return state.compareAndSet(State.WAITING, State.WITHDRAWN) || state.get() == State.WITHDRAWN;
    }

    @Override
    public void encode(ByteBuf buffer) {
        if (state.compareAndSet(State.WAITING, State.SENT)) {
            super.encode(buffer);
        } else {
            // Withdrawn; or, against all settings, written a second time. Neither may run.
            buffer.writeBytes(PING);
        }
    }

    private void redirected() {
        state.compareAndSet(State.SENT, State.WAITING);
    }

    private static final class ScriptOutput extends NestedMultiOutput<String, byte[]> {
        private Runnable onRedirect = () -> {};

        ScriptOutput(RedisCodec<String, byte[]> codec) {
            super(codec);
        }

        @Override
        public void setError(ByteBuffer error) {
            super.setError(error);
            if (getError().startsWith("MOVED ") || getError().startsWith("ASK ")) {
                onRedirect.run();
            }
        }
    }
}
