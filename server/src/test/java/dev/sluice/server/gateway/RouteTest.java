package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.gateway.Route.Call;
import dev.sluice.server.gateway.Route.Download;
import dev.sluice.server.gateway.Route.Nowhere;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTest {
    @ParameterizedTest
    @CsvSource({
        "/bot1:AB/getMe, /bot1:AB/getMe",
        "/bot1:AB/GETME?a=b&c, /bot1:AB/GETME?a=b&c",
        "/bot1:AB/test/getMe, /bot1:AB/test/getMe",
        "//bot1:AB/getMe, /bot1:AB/getMe",
        "/bot1:AB//getMe/, /bot1:AB/getMe",
        "/bot1%3AAB/getMe, /bot1:AB/getMe",
        "/%62ot1:AB/%67etMe, /bot1:AB/getMe",
        "http://localhost:8000/bot1:AB/getMe?x=/../, /bot1:AB/getMe?x=/../",
        "/bot1:AB/getMe?text=a#fragment, /bot1:AB/getMe?text=a",
        "/bot1:AB/test, /bot1:AB/test",
    })
    void a_call_is_found_and_forwarded_in_its_plain_form(String target, String uri) {
        assertThat(Route.of(target))
                .isInstanceOfSatisfying(
                        Call.class, call -> assertThat(call.uri()).isEqualTo(uri));
    }

    @Test
    void bytes_that_a_request_line_may_not_hold_go_on_as_escapes() {
        String raw = new String(
                "/bot1:AB/sendMessage?text=да".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                java.nio.charset.StandardCharsets.ISO_8859_1);

        assertThat(Route.of(raw))
                .isInstanceOfSatisfying(
                        Call.class, call -> assertThat(call.query()).isEqualTo("text=%D0%B4%D0%B0"));
    }

    @ParameterizedTest
    @CsvSource({
        "/file/bot1:AB/photos/file_1.jpg, /file/bot1:AB/photos/file_1.jpg",
        "/file/bot1:AB//photos/a%20b.jpg?x=1, /file/bot1:AB/photos/a%20b.jpg?x=1",
        "/file/bot1:AB/test/photos/1.jpg, /file/bot1:AB/test/photos/1.jpg",
    })
    void a_download_is_found(String target, String uri) {
        assertThat(Route.of(target))
                .isInstanceOfSatisfying(
                        Download.class, file -> assertThat(file.uri()).isEqualTo(uri));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "",
                "*",
                "/health",
                "/bot",
                "/bot/getMe",
                "/bot1/getMe",
                "/bot:AB/getMe",
                "/botx:AB/getMe",
                "/bot1:/getMe",
                "/bot0:AB/getMe",
                "/bot1:AB",
                "/bot1:AB/",
                "/bot1:AB/a/b",
                "/bot1:AB/test/a/b",
                "/bot1:AB/..",
                "/bot1:AB/%2e%2e/x",
                "/bot1:AB/get-me",
                "/bot1:AB/get%00Me",
                "/bot1:AB/get%2fMe",
                "/bot1:A B/getMe",
                "/bot12345678901234567:AB/getMe",
                "/BOT1:AB/getMe",
                "/file",
                "/file/",
                "/file/bot1:AB",
                "/file/bot1:AB/",
                "/file/bot1:AB/../bot2:CD/x",
                "/file/bot1:AB/a/%2e%2e/b",
                "/file/bot1:AB/a%2f..%2fb",
                "/file/bot1:AB/a%5cb",
                "/file/bot1:AB/a%00b",
                "/file/nobot/x",
                "http://host",
                "://"
            })
    void all_else_leads_nowhere_and_is_not_repeated(String target) {
        assertThat(Route.of(target))
                .isInstanceOfSatisfying(
                        Nowhere.class,
                        nowhere -> assertThat(nowhere.description())
                                .startsWith("Not Found: ")
                                .doesNotContain("AB"));
    }
}
