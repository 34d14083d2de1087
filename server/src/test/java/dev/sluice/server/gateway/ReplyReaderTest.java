package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Reply;
import dev.sluice.telegram.ChatId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyReaderTest {
    @Test
    void a_message_shows_its_chat_and_not_that_of_the_message_it_answers() {
        Reply reply = read(
                200,
                "{\"ok\":true,\"result\":{\"reply_to_message\":{\"chat\":{\"id\":1}},\"x\":[{\"chat\":{\"id\":2}}],\"chat\":{\"title\":\"t\",\"id\":-1003,\"x\":{}},\"text\":\"t\"}}");

        assertThat(reply.chat()).contains(ChatId.of(-1003));
        assertThat(reply.isSuccess()).isTrue();
    }

    @Test
    void an_album_shows_its_chat() {
        assertThat(read(200, "{\"result\":[{\"chat\":{\"id\":-5}},{\"chat\":{\"id\":-5}}],\"ok\":true}")
                        .chat())
                .contains(ChatId.of(-5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"ok\":true,\"result\":true}",
                "{\"ok\":true,\"result\":[1,[2],3]}",
                "{\"ok\":true,\"result\":{\"message_id\":1}}",
                "{\"ok\":true,\"result\":{\"chat\":5}}",
                "{\"ok\":true,\"result\":[{\"message_id\":1},2]}",
                "{\"ok\":true}",
                "{}"
            })
    void results_without_a_chat_show_none(String body) {
        Reply reply = read(200, body);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.chat()).isEmpty();
        assertThat(reply.body()).isEqualTo(body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_429_tells_its_delay_in_the_body_or_else_in_the_header() {
        assertThat(read(429, "{\"ok\":false,\"parameters\":{\"retry_after\":17}}")
                        .retryAfter())
                .contains(Duration.ofSeconds(17));
        assertThat(ReplyReader.read(heard(429, "{\"ok\":false}", Optional.of("5")))
                        .retryAfter())
                .contains(Duration.ofSeconds(5));
        assertThat(ReplyReader.read(heard(429, "{\"ok\":false}", Optional.of("soon")))
                        .retryAfter())
                .isEmpty();
        assertThat(ReplyReader.read(heard(429, "{\"parameters\":{\"retry_after\":17}}", Optional.of("5")))
                        .retryAfter())
                .contains(Duration.ofSeconds(17));
    }

    @Test
    void a_migration_names_the_new_chat() {
        assertThat(read(400, "{\"ok\":false,\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}")
                        .migrateTo())
                .contains(ChatId.of(-1001234567890L));
    }

    @ParameterizedTest
    @CsvSource({"502, 502", "500, 500", "404, 404", "200, 502", "302, 502"})
    void what_is_not_json_becomes_an_envelope_that_is_never_a_success(int status, int shown) {
        for (String body : new String[] {"<html>Bad Gateway</html>", "", "[]", "{\"ok\":tr", "\"ok\""}) {
            Reply reply = read(status, body);

            assertThat(reply.status()).isEqualTo(shown);
            assertThat(new String(reply.body(), StandardCharsets.UTF_8))
                    .startsWith("{\"ok\":false,\"error_code\":" + shown);
        }
    }

    private static Reply read(int status, String body) {
        return ReplyReader.read(heard(status, body, Optional.empty()));
    }

    private static Tried.Heard heard(int status, String body, Optional<String> retryAfter) {
        return new Tried.Heard(status, Optional.empty(), retryAfter, body.getBytes(StandardCharsets.UTF_8));
    }
}
