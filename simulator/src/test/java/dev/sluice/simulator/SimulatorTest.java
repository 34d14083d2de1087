package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.simulator.LedgerEntry.Outcome;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SimulatorTest {
    private final Simulator simulator = Simulator.start(SimulatorSettings.defaults());
    private final BotAccount bot = simulator.addBot(1000, "Shop");
    private final Caller caller = new Caller(simulator, bot.token());

    @AfterEach
    void close() {
        simulator.close();
    }

    @Test
    void get_me_names_the_bot() {
        JsonNode me = caller.call("getMe", Map.of()).result();
        assertThat(me.get("id").asLong()).isEqualTo(1000);
        assertThat(me.get("is_bot").asBoolean()).isTrue();
        assertThat(me.get("first_name").asString()).isEqualTo("Shop");
        assertThat(me.get("username").asString()).endsWith("bot");
    }

    @Test
    void a_message_comes_back_whole_and_stands_in_the_ledger() {
        JsonNode message = caller.text(42, "hello /start").result();
        assertThat(message.get("message_id").asInt()).isPositive();
        assertThat(message.at("/chat/id").asLong()).isEqualTo(42);
        assertThat(message.at("/chat/type").asString()).isEqualTo("private");
        assertThat(message.at("/from/id").asLong()).isEqualTo(1000);
        assertThat(message.get("date").asLong()).isPositive();
        assertThat(message.at("/entities/0/type").asString()).isEqualTo("bot_command");
        List<LedgerEntry> received = simulator.ledger().received(1000, 42);
        assertThat(received).singleElement().satisfies(entry -> {
            assertThat(entry.method()).isEqualTo("sendMessage");
            assertThat(entry.messageId()).isEqualTo(message.get("message_id").asInt());
            assertThat(entry.weight()).isEqualTo(1);
            assertThat(entry.text()).isEqualTo("hello /start");
        });
    }

    @Test
    void the_second_message_within_a_second_is_a_429_in_body_and_header_and_does_not_arrive() {
        caller.text(42, "one").result();
        Caller.Reply refused = caller.text(42, "two");
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.response().headers().firstValue("retry-after")).contains("1");
        assertThat(refused.text())
                .isEqualTo("{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 1\","
                        + "\"parameters\":{\"retry_after\":1}}");
        assertThat(simulator.ledger().received(1000, 42)).hasSize(1);
        assertThat(simulator.ledger().flooded(1000)).singleElement().satisfies(entry -> {
            assertThat(entry.retryAfter()).isEqualTo(1);
            assertThat(entry.outcome()).isEqualTo(Outcome.FLOODED);
        });
    }

    @Test
    void any_well_formed_token_is_a_bot_but_a_wrong_one_of_a_known_bot() {
        String secret = "A".repeat(35);
        assertThat(new Caller(simulator, "77:" + secret)
                        .call("getMe", Map.of())
                        .result()
                        .get("id")
                        .asLong())
                .isEqualTo(77);
        for (String wrong : List.of("1000:" + secret, "77:tooshort", "x7:" + secret)) {
            Caller.Reply reply = new Caller(simulator, wrong).call("getMe", Map.of());
            assertThat(reply.status()).isEqualTo(wrong.startsWith("x") ? 404 : 401);
            assertThat(reply.json().get("ok").asBoolean()).isFalse();
        }
        simulator.revokeToken("77:" + secret);
        assertThat(new Caller(simulator, "77:" + secret).call("getMe", Map.of()).status())
                .isEqualTo(401);
        String rotated = simulator.rotateToken(1000);
        assertThat(caller.call("getMe", Map.of()).text())
                .isEqualTo("{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}");
        assertThat(new Caller(simulator, rotated).call("getMe", Map.of()).status())
                .isEqualTo(200);
    }

    @Test
    void an_unknown_method_is_a_404_of_its_own() {
        assertThat(caller.call("sendThoughts", Map.of()).text())
                .isEqualTo("{\"ok\":false,\"error_code\":404,\"description\":\"Not Found: method not found\"}");
    }

    @Test
    void a_taken_port_is_told_at_start() {
        URI url = simulator.url();
        assertThatThrownBy(() -> Simulator.start(SimulatorSettings.defaults().withPort(url.getPort())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Integer.toString(url.getPort()));
    }
}
