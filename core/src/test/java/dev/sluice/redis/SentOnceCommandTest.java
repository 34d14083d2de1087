package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SentOnceCommandTest {
    private static final String PING = "*1\r\n$4\r\nPING\r\n";

    private final SentOnceCommand<List<Object>> command =
            SentOnceCommand.script(CommandType.EVALSHA, Connector.CODEC, new CommandArgs<>(Connector.CODEC).add("sha"));

    @Test
    void a_written_command_cannot_be_taken_back() {
        assertThat(written()).contains("EVALSHA");

        assertThat(command.withdraw()).isFalse();
    }

    @Test
    void a_withdrawn_command_is_written_as_a_ping_which_keeps_the_replies_in_step() {
        assertThat(command.withdraw()).isTrue();
        assertThat(command.withdraw()).isTrue();

        assertThat(written()).isEqualTo(PING);
    }

    @Test
    void a_second_writing_runs_nothing() {
        written();

        assertThat(written()).isEqualTo(PING);
        assertThat(command.withdraw()).isFalse();
    }

    @Test
    void a_command_that_was_sent_elsewhere_has_not_run_yet() {
        for (String redirect : List.of("MOVED 1 127.0.0.1:7001", "ASK 1 127.0.0.1:7001")) {
            assertThat(written()).contains("EVALSHA");
            command.getOutput().setError(ByteBuffer.wrap(redirect.getBytes(StandardCharsets.US_ASCII)));
        }

        assertThat(command.withdraw()).isTrue();
    }

    @Test
    void writing_and_withdrawing_at_the_same_time_agree_on_one_outcome() throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            var contested = SentOnceCommand.script(
                    CommandType.EVALSHA, Connector.CODEC, new CommandArgs<>(Connector.CODEC).add("sha"));
            ByteBuf buffer = Unpooled.buffer();
            var start = new CountDownLatch(1);
            Thread writer = Thread.ofVirtual().start(() -> {
                start.countDown();
                contested.encode(buffer);
            });
            start.await();
            boolean withdrawn = contested.withdraw();
            writer.join();

            assertThat(buffer.toString(StandardCharsets.US_ASCII).equals(PING)).isEqualTo(withdrawn);
        }
    }

    private String written() {
        ByteBuf buffer = Unpooled.buffer();
        command.encode(buffer);
        return buffer.toString(StandardCharsets.US_ASCII);
    }
}
