package dev.sluice.server.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Attempt;
import dev.sluice.queue.Joint;
import dev.sluice.queue.NewMessage;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Workers that send several texts as one. */
class WorkersJoiningTest extends WorkersFixture {
    @Test
    void what_is_sent_as_one_is_written_down_for_each() {
        joins.add(BOT);
        for (int i = 0; i < 8; i++) {
            text("text " + i);
        }
        start((token, call, dispatch) -> {
            sent.add(call);
            return answered(200, "{\"ok\":true,\"result\":{\"message_id\":5}}");
        });

        await().atMost(BOUND).until(() -> queue.statistics(BOT).sent() == 8);
        assertThat(sent).hasSize(1);
        assertThat(new String(sent.getFirst().body(), UTF_8))
                .contains("text 0\\ntext 1\\n")
                .contains("text 7");
        assertThat(queue.claim(BOT, 1).messages()).isEmpty();
    }

    @Test
    void what_telegram_may_have_of_many_texts_is_unknown_for_each() {
        joins.add(BOT);
        for (int i = 0; i < 8; i++) {
            text("text " + i);
        }
        start((token, call, dispatch) -> {
            sent.add(call);
            return new Attempt.Unanswered("reset");
        });

        await().atMost(BOUND).until(() -> queue.statistics(BOT).unknown() == 8);
        assertThat(sent).hasSize(1);
    }

    @Test
    void texts_are_not_joined_where_the_rule_is_off_although_they_were_queued_under_it() {
        for (int i = 0; i < 8; i++) {
            text("text " + i);
        }
        start((token, call, dispatch) -> {
            sent.add(call);
            return answered(200, "{\"ok\":true}");
        });

        await().atMost(BOUND).until(() -> queue.statistics(BOT).sent() == 8);
        assertThat(sent).hasSize(8);
    }

    private void text(String text) {
        var call = new StoredCall(
                new Method("sendMessage"),
                false,
                "",
                Optional.of("application/json"),
                Optional.of(ChatId.of(7)),
                Optional.empty(),
                ("{\"chat_id\":7,\"text\":\"" + text + "\"}").getBytes(UTF_8));
        queue.enqueue(
                BOT,
                NewMessage.to(ChatId.of(7), call.sealed(keys, BOT))
                        .joining(new Joint("abcdef0123456789abcdef0123456789", text.length())));
    }
}
