package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PrivateAnswersTest {
    private static Reply textless(int status, String body) {
        Reply once = PrivateAnswers.textless(Reply.of(status, body.getBytes(UTF_8)));
        assertThat(once.status()).isEqualTo(status);
        assertThat(PrivateAnswers.textless(once)).isEqualTo(once);
        return once;
    }

    private static JsonNode json(Reply reply) {
        return JsonMapper.shared().readTree(reply.body());
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @Test
    void of_a_message_it_stays_which_one_it_is() {
        Reply left = textless(200, """
                {"ok":true,"result":{"message_id":7,"date":1790000000,"message_thread_id":3,
                 "from":{"id":1,"is_bot":true,"first_name":"secret"},
                 "chat":{"id":42,"type":"private","first_name":"secret","username":"secret"},
                 "text":"secret","reply_to_message":{"message_id":6,"text":"secret"},
                 "photo":[{"file_id":"secret"}],"entities":[{"type":"text_link","url":"secret"}]}}""");
        assertThat(json(left)).isEqualTo(json("""
                {"ok":true,"result":{"message_id":7,"date":1790000000,"message_thread_id":3,
                 "chat":{"id":42,"type":"private"}}}"""));
    }

    @Test
    void of_an_album_it_stays_which_ones_they_are() {
        Reply left = textless(200, """
                {"ok":true,"result":[{"message_id":7,"caption":"secret"},{"message_id":8,"chat":{"id":42,"type":"secret chat"}}]}""");
        assertThat(json(left))
                .isEqualTo(
                        json("{\"ok\":true,\"result\":[{\"message_id\":7},{\"message_id\":8,\"chat\":{\"id\":42}}]}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"ok":true,"result":true}      | {"ok":true,"result":true}
            {"ok":true,"result":7}         | {"ok":true,"result":7}
            {"ok":true,"result":"secret"}  | {"ok":true,"result":true}
            {"ok":true,"result":["secret"]}| {"ok":true,"result":[{}]}
            {"ok":true,"secret":"x"}       | {"ok":true}
            <html>secret                   | {"ok":true}
            "secret"                       | {"ok":false}
            """)
    void of_other_results_no_text_stays(String answer, String left) {
        assertThat(json(textless(200, answer))).isEqualTo(json(left));
    }

    @Test
    void of_a_refusal_known_words_and_numbers_stay() {
        Reply blocked = textless(
                403, "{\"ok\":false,\"error_code\":403,\"description\":\"Forbidden: bot was blocked by the user\"}");
        assertThat(json(blocked).path("description").asString()).isEqualTo("Forbidden: bot was blocked by the user");
        Reply moved = textless(
                400,
                "{\"ok\":false,\"error_code\":400,\"description\":\"secret\",\"parameters\":{\"migrate_to_chat_id\":-5,\"x\":\"secret\"}}");
        assertThat(json(moved).path("parameters")).isEqualTo(json("{\"migrate_to_chat_id\":-5}"));
        assertThat(json(moved).path("error_code").asInt()).isEqualTo(400);
        assertThat(json(moved).path("ok").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bad Request: can't parse entities: Unsupported start tag \\\"secret\\\" at byte offset 0",
                "Bad Request: inline keyboard button URL 'secret' is invalid",
                "secret",
                "Bad Request: secret"
            })
    void words_that_may_quote_what_was_sent_do_not_stay(String description) {
        Reply left = textless(400, "{\"ok\":false,\"error_code\":400,\"description\":\"" + description + "\"}");
        assertThat(new String(left.body(), UTF_8)).doesNotContain("secret").contains("description");
    }
}
