package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoredCallTest {
    private static final BotId BOT = new BotId(1000);
    private static final StoredCall CALL = new StoredCall(
            new Method("sendMessage"),
            true,
            "text=hé",
            Optional.of("application/json"),
            Optional.of(new ChatId("@shop")),
            BotToken.parse(GatewayFixture.TOKEN),
            "{\"text\":\"hällo\"}".getBytes(UTF_8));

    private final Sealer keys = KeyRing.random();

    @Test
    void what_was_sealed_opens_as_it_was() {
        assertThat(StoredCall.open(keys, BOT, CALL.sealed(keys, BOT))).contains(CALL);
        var bare = new StoredCall(
                new Method("editMessageText"),
                false,
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new byte[0]);
        assertThat(StoredCall.open(keys, BOT, bare.sealed(keys, BOT))).contains(bare);
        var oneOfMany = new StoredCall(
                CALL.method(),
                CALL.test(),
                CALL.query(),
                CALL.contentType(),
                CALL.chat(),
                CALL.token(),
                CALL.body(),
                true);
        assertThat(StoredCall.open(keys, BOT, oneOfMany.sealed(keys, BOT)))
                .contains(oneOfMany)
                .isNotEqualTo(Optional.of(CALL));
    }

    @Test
    void neither_token_nor_text_can_be_read_in_what_was_sealed() {
        assertThat(new String(CALL.sealed(keys, BOT), ISO_8859_1)).doesNotContain("secret", "llo", "sendMessage");
        assertThat(CALL.toString()).doesNotContain("secret", "llo");
    }

    @Test
    void another_bots_queue_another_key_and_changed_bytes_open_nothing() {
        byte[] sealed = CALL.sealed(keys, BOT);

        assertThat(StoredCall.open(keys, new BotId(1001), sealed)).isEmpty();
        assertThat(StoredCall.open(KeyRing.random(), BOT, sealed)).isEmpty();
        assertThat(StoredCall.openResult(keys, BOT, sealed)).isEmpty();
        sealed[sealed.length - 1] ^= 1;
        assertThat(StoredCall.open(keys, BOT, sealed)).isEmpty();
    }

    @Test
    void bytes_of_another_format_are_no_call() {
        assertThat(StoredCall.open(Sealer.NONE, BOT, new byte[0])).isEmpty();
        assertThat(StoredCall.open(Sealer.NONE, BOT, new byte[] {2, 0, 0, 0, 0, 1, 'x'}))
                .isEmpty();
        assertThat(StoredCall.open(Sealer.NONE, BOT, new byte[] {1, 0, 127, 0, 0, 1, 'x'}))
                .isEmpty();
    }
}
