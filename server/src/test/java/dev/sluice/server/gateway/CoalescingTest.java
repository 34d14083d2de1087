package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.FailureClass;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageId;
import dev.sluice.server.bots.BotRules;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What need not be sent, or not for itself. */
class CoalescingTest extends AsyncCallFixture {
    @ParameterizedTest
    @CsvSource({
        "editMessageText, editMessageText, true",
        "editMessageReplyMarkup, editMessageText, true",
        "editMessageText, editMessageReplyMarkup, false",
        "editMessageCaption, editMessageText, false",
        "editMessageReplyMarkup, editMessageCaption, true",
        "editMessageMedia, editMessageCaption, false",
        "editMessageCaption, editMessageMedia, true",
        "editMessageText, editMessageMedia, true",
        "editMessageLiveLocation, editMessageLiveLocation, true",
        "editMessageChecklist, editMessageChecklist, true",
        "editForumTopic, editForumTopic, false",
        "sendMessage, sendMessage, false"
    })
    void a_newer_edit_replaces_a_waiting_one_if_it_edits_no_less(String older, String newer, boolean replaces)
            throws Exception {
        MessageId first = edit(older, ",\"message_id\":5");
        MessageId second = edit(newer, ",\"message_id\":\"5\"");

        assertThat(queue.find(first).orElseThrow().failure())
                .isEqualTo(replaces ? Optional.of(FailureClass.SUPERSEDED) : Optional.empty());
        assertThat(queue.find(second).orElseThrow().failure()).isEmpty();
    }

    @Test
    void edits_of_two_messages_have_nothing_to_do_with_each_other() throws Exception {
        edit("editMessageText", ",\"message_id\":5");
        edit("editMessageText", ",\"message_id\":6");
        edit("editMessageText", ",\"message_id\":5,\"business_connection_id\":\"b\"");

        assertThat(queue.statistics(BOT).pending()).isEqualTo(3);
    }

    @Test
    void plain_short_texts_are_joined_by_the_bots_rule_alone() throws Exception {
        edit("sendMessage", ",\"text\":\"a\"");
        rules = BotRules.NONE.withJoinedTexts(true);
        edit("sendMessage", ",\"text\":\"b\"");
        edit("sendMessage", ",\"text\":\"c\"");
        Leased first = next();
        assertThat(queue.claimAlong(first.lease(), 0)).isEmpty();
        sent(first);

        Leased second = next();
        List<Leased> along = queue.claimAlong(second.lease(), 0);

        assertThat(along).hasSize(1);
        var joined = call(second).joinedWith(List.of(call(along.getFirst())));
        assertThat(new String(joined.body(), UTF_8)).isEqualTo("{\"chat_id\":\"42\",\"text\":\"b\\nc\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"text\":\"*a*\",\"parse_mode\":\"Markdown\"",
                ",\"text\":\"a\",\"reply_markup\":{}",
                ",\"text\":\"a\",\"reply_to_message_id\":1",
                ",\"text\":\"a\",\"protect_content\":true",
                ",\"text\":\"a\",\"unheard_of\":1",
                ",\"text\":\" \"",
                ""
            })
    void texts_that_differ_in_more_than_their_text_are_not_joined(String unlike) throws Exception {
        rules = BotRules.NONE.withJoinedTexts(true);
        edit("sendMessage", ",\"text\":\"b\"");
        edit("sendMessage", unlike.isEmpty() ? ",\"text\":\"" + "a".repeat(501) + "\"" : unlike);

        assertThat(queue.claimAlong(next().lease(), 0)).isEmpty();
    }

    @Test
    void a_live_period_is_not_lost_to_a_newer_place() throws Exception {
        MessageId longer = edit("editMessageLiveLocation", ",\"message_id\":5,\"live_period\":600");
        MessageId place = edit("editMessageLiveLocation", ",\"message_id\":5");
        edit("editMessageLiveLocation", ",\"message_id\":5");

        assertThat(queue.find(longer).orElseThrow().failure()).isEmpty();
        assertThat(queue.find(place).orElseThrow().failure()).contains(FailureClass.SUPERSEDED);
    }

    @Test
    void a_draft_gives_way_to_a_newer_one_and_is_not_sent_late() throws Exception {
        MessageId first = edit("sendMessageDraft", ",\"draft_id\":5,\"text\":\"a\"");
        MessageId second = edit("sendMessageDraft", ",\"draft_id\":5,\"text\":\"ab\"");
        MessageId other = edit("sendMessageDraft", ",\"draft_id\":6,\"text\":\"b\"");
        clock.addAndGet(5_000_000);

        assertThat(queue.claim(BOT, 10).messages()).isEmpty();
        assertThat(List.of(first, second, other))
                .extracting(id -> queue.find(id).orElseThrow().failure().orElseThrow())
                .containsExactly(FailureClass.SUPERSEDED, FailureClass.EXPIRED, FailureClass.EXPIRED);
    }
}
