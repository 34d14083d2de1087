package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.server.admin.AdminFixture.Answer;
import dev.sluice.server.bots.BotRules;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.gateway.TokenVerifier;
import dev.sluice.server.gateway.UpstreamClient;
import dev.sluice.server.gateway.UpstreamSettings;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.telegram.BotId;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The registered bots over HTTP, before a simulated Telegram. */
class BotsResourceTest {
    private static final String TOKEN = "123456:AAE-any-token-of-this-form-will-do_";
    private static final String OTHER = "234567:AAE-any-token-of-this-form-will-do_";

    private final Simulator telegram = Simulator.start(SimulatorSettings.defaults());
    private final Vertx vertx = Vertx.vertx();
    private final UpstreamClient upstream = new UpstreamClient(vertx, UpstreamSettings.of(telegram.url()));
    private final Bots bots = Bots.inMemory(
            KeyRing.random(),
            new TokenVerifier(upstream),
            bot -> BotRules.NONE,
            () -> Instant.parse("2026-01-02T03:04:05Z"));
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"), System::nanoTime, new BotsResource(bots));

    @AfterEach
    void close() {
        api.close();
        upstream.close();
        vertx.close().await();
        telegram.close();
    }

    @Test
    void a_bot_is_added_shown_and_removed_and_its_token_never_comes_back() throws Exception {
        var added = add(TOKEN);

        assertThat(added.status()).isEqualTo(201);
        assertThat(added.http().headers().firstValue("Location")).contains("/v1/bots/123456");
        assertThat(added.json().path("username").asString()).isNotEmpty();
        assertThat(added.json().path("added").asString()).isEqualTo("2026-01-02T03:04:05Z");
        var shown = api.get("/v1/bots/123456");
        assertThat(shown.json()).isEqualTo(added.json());
        assertThat(shown.http().body() + api.get("/v1/bots").http().body()).doesNotContain("AAE");
        assertThat(bots.token(new BotId(123456)).orElseThrow().reveal()).isEqualTo(TOKEN);

        assertThat(api.send("DELETE", "/v1/bots/123456", "").status()).isEqualTo(204);
        assertThat(api.get("/v1/bots/123456").type()).isEqualTo("bot-unknown");
        assertThat(api.send("DELETE", "/v1/bots/123456", "").type()).isEqualTo("bot-unknown");
    }

    @Test
    void a_bot_that_is_there_is_not_added_again() throws Exception {
        add(TOKEN);

        assertThat(add(TOKEN).type()).isEqualTo("bot-exists");
    }

    @Test
    void a_token_that_telegram_does_not_know_is_refused() throws Exception {
        var answer = add("123456:short");

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.type()).isEqualTo("token-invalid");
        assertThat(answer.http().body()).doesNotContain("short");
        assertThat(api.get("/v1/bots").json().path("bots")).isEmpty();
    }

    @Test
    void while_telegram_is_away_nothing_is_taken_on_trust() throws Exception {
        telegram.close();

        var answer = add(TOKEN);

        assertThat(answer.type()).isEqualTo("token-unconfirmed");
        assertThat(answer.http().headers().firstValue("Retry-After")).contains("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"token\":123}",
                "{\"token\":\"no-token\"}",
                "{\"token\":\"" + TOKEN + "\",\"rules\":{\"skip_limits\":\"yes\"}}",
                "{\"token\":\"" + TOKEN + "\",\"rules\":{\"dedupe_content\":[\"send message\"]}}",
                "{\"token\":\"" + TOKEN + "\",\"color\":\"red\"}"
            })
    void what_is_malformed_is_not_asked_about(String body) throws Exception {
        assertThat(api.json("POST", "/v1/bots", body).type()).isEqualTo("malformed");
    }

    @Test
    void a_rotation_takes_the_same_bots_token_only() throws Exception {
        var fresh = "123456:AAE-another-token-of-the-same-bot-xx_";
        assertThat(rotate(fresh).type()).isEqualTo("bot-unknown");
        add(TOKEN);
        assertThat(rotate(OTHER).type()).isEqualTo("token-of-another-bot");
        assertThat(rotate("123456:short").type()).isEqualTo("token-invalid");
        assertThat(bots.token(new BotId(123456)).orElseThrow().reveal()).isEqualTo(TOKEN);
    }

    @Test
    void rules_change_as_a_merge_patch_says() throws Exception {
        assertThat(patch("{\"rules\":{}}").type()).isEqualTo("bot-unknown");
        add(TOKEN);
        var changed = patch("{\"rules\":{\"skip_limits\":true,\"dedupe_content\":[\"sendMessage\",\"COPYMESSAGE\"]}}");
        assertThat(changed.json().path("rules").path("skip_limits").asBoolean()).isTrue();
        assertThat(changed.json().path("rules").path("dedupe_content").toString())
                .isEqualTo("[\"copymessage\",\"sendmessage\"]");

        var kept = patch("{\"rules\":{\"skip_limits\":null}}");
        assertThat(kept.json().path("rules").path("skip_limits").asBoolean()).isFalse();
        assertThat(kept.json().path("rules").path("dedupe_content")).hasSize(2);
        assertThat(patch("{\"rules\":{\"dedupe_content\":[\"*\",\"sendMessage\"]}}")
                        .json()
                        .path("rules")
                        .path("dedupe_content")
                        .toString())
                .isEqualTo("[\"*\"]");
    }

    @Test
    void overflow_and_priorities_change_member_by_member_and_list_by_list() throws Exception {
        var usual = add(TOKEN).json().path("rules");
        assertThat(usual.path("overflow")).isEmpty();
        assertThat(usual.path("priorities").path(0).toString()).isEqualTo("{\"reply\":true,\"priority\":\"high\"}");

        patch("{\"rules\":{\"overflow\":{\"*\":\"queue\",\"sendPhoto\":\"async\"},\"priorities\":[]}}");
        var rules = patch("{\"rules\":{\"overflow\":{\"SENDPHOTO\":null,\"sendPoll\":\"wait\"}}}")
                .json()
                .path("rules");
        assertThat(rules.path("overflow").toString()).isEqualTo("{\"*\":\"queue\",\"sendpoll\":\"wait\"}");
        assertThat(rules.path("priorities")).isEmpty();

        var back = patch("{\"rules\":{\"overflow\":null,\"priorities\":null}}").json();
        assertThat(back.path("rules")).isEqualTo(usual);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"overflow\":\"queue\"} | /rules/overflow | must be an object",
                "{\"overflow\":{\"*\":\"later\"}} | /rules/overflow/* | wait\\|queue\\|async",
                "{\"overflow\":{\"send message\":\"queue\"}} | /rules/overflow | each member's name must be a text that matches",
                "{\"priorities\":[{\"reply\":true}]} | /rules/priorities/0/priority | is missing",
                "{\"priorities\":[{\"mention\":true,\"priority\":\"high\"}]} | /rules/priorities/0 | methods, reply"
            })
    void rules_that_mean_nothing_are_refused_with_what_is_accepted(String rules, String at, String accepted)
            throws Exception {
        add(TOKEN);

        var refused = patch("{\"rules\":" + rules + "}");

        assertThat(refused.type()).isEqualTo("malformed");
        assertThat(refused.json().at("/errors/0/at").asString()).isEqualTo(at);
        assertThat(refused.json().at("/errors/0").toString()).contains(accepted.replace("\\", ""));
    }

    @Test
    void bots_are_listed_page_by_page_each_once() throws Exception {
        for (int id = 1; id <= 5; id++) {
            add(id + TOKEN.substring(6));
        }

        var ids = new ArrayList<Long>();
        var next = "";
        do {
            var page = api.get("/v1/bots?limit=2" + next).json();
            page.path("bots").forEach(bot -> ids.add(bot.path("id").asLong()));
            next = page.path("next_cursor").isNull()
                    ? ""
                    : "&cursor=" + page.path("next_cursor").asString();
        } while (!next.isEmpty());
        assertThat(ids).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    private Answer add(String token) throws Exception {
        return api.json("POST", "/v1/bots", "{\"token\":\"" + token + "\"}");
    }

    private Answer rotate(String token) throws Exception {
        return api.json("POST", "/v1/bots/123456/rotate", "{\"token\":\"" + token + "\"}");
    }

    private Answer patch(String body) throws Exception {
        return api.json("PATCH", "/v1/bots/123456", body);
    }
}
