package dev.sluice.server.broadcast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ChunkTest {
    private static final BotId BOT = new BotId(42);

    private final Sealer keys = KeyRing.random();

    @Test
    void recipients_come_back_as_they_were() {
        var recipients = List.of(
                Recipient.of(1),
                Recipient.of(-1),
                Recipient.of(8_123_456_789L),
                Recipient.of(-1_001_234_567_890L),
                Recipient.of((1L << 52) - 1),
                Recipient.of(1 - (1L << 52)),
                new Recipient(7, "x".repeat(4_000).getBytes(UTF_8)));

        assertThat(Chunk.open(keys, BOT, Chunk.sealed(keys, BOT, recipients))).isEqualTo(recipients);
    }

    @Test
    void a_user_takes_six_bytes() {
        var users = LongStream.range(0, 500)
                .mapToObj(i -> Recipient.of(8_000_000_000L + i * 7))
                .toList();

        assertThat(Chunk.sealed(keys, BOT, users).length).isLessThan(500 * 6 + 100);
    }

    @Test
    void another_bot_or_another_key_opens_nothing_and_what_was_lost_is_empty() {
        byte[] sealed = Chunk.sealed(keys, BOT, List.of(new Recipient(7, "{\"text\":\"secret\"}".getBytes(UTF_8))));

        assertThat(new String(sealed, ISO_8859_1)).doesNotContain("secret");
        assertThat(Chunk.open(keys, new BotId(43), sealed)).isEmpty();
        assertThat(Chunk.open(KeyRing.random(), BOT, sealed)).isEmpty();
        assertThat(Chunk.open(keys, BOT, new byte[0])).isEmpty();
    }

    @Test
    void a_template_comes_back_as_it_was_and_shows_nothing() {
        var params = JsonMapper.shared().createObjectNode().put("text", "secret");
        var template = new Template(new Method("sendMessage"), params, Priority.HIGH);
        byte[] sealed = template.sealed(keys, BOT);

        assertThat(Template.open(keys, BOT, sealed)).contains(template);
        assertThat(Template.open(KeyRing.random(), BOT, sealed)).isEmpty();
        assertThat(new String(sealed, ISO_8859_1) + template).doesNotContain("secret");
    }
}
