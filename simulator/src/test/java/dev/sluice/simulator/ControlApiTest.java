package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ControlApiTest {
    private static final Simulator SIMULATOR =
            Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
    private static final BotAccount BOT = SIMULATOR.addBot(1000, "Shop");
    private final Caller caller = new Caller(SIMULATOR, BOT.token());

    @AfterAll
    static void close() {
        SIMULATOR.close();
    }

    @Test
    void the_ledger_is_told_by_bot_and_chat() {
        caller.text(61, "a").result();
        caller.text(61, "a").result();
        JsonNode bot = control("GET", "ledger", Map.of()).result().get("bots").get(0);
        assertThat(bot.get("bot").asLong()).isEqualTo(1000);
        assertThat(bot.get("contents_received_twice").asInt()).isPositive();
        assertThat(bot.get("chats").findValues("chat"))
                .extracting(JsonNode::asLong)
                .contains(61L);
        JsonNode entries = control("GET", "ledger/1000/61", Map.of()).result();
        assertThat(entries.size()).isEqualTo(2);
        assertThat(entries.at("/0/text").asString()).isEqualTo("a");
        assertThat(entries.at("/0/outcome").asString()).isEqualTo("accepted");
    }

    @Test
    void faults_are_put_in_listed_and_cleared() {
        control("POST", "faults", Map.of("effect", "too_many_requests", "retry_after", 3, "chat", 62, "times", 1))
                .result();
        assertThat(caller.text(62, "a").json().at("/parameters/retry_after").asInt())
                .isEqualTo(3);
        JsonNode fault = control("GET", "faults", Map.of()).result().get(0);
        assertThat(fault.get("struck").asInt()).isEqualTo(1);
        assertThat(fault.get("effect").asString()).isEqualTo("too_many_requests");
        assertThat(control("DELETE", "faults", Map.of()).result().asBoolean()).isTrue();
        assertThat(control("GET", "faults", Map.of()).result().size()).isZero();
        assertThat(control("POST", "faults", Map.of("effect", "boom")).description())
                .contains("effect is one of");
        assertThat(control("POST", "faults", Map.of("effect", "reset_after", "chat", "x"))
                        .status())
                .isEqualTo(400);
        assertThat(control("POST", "faults", Map.of("effect", "reset_after", "probability", 2))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void users_write_edit_and_press() {
        int message = control("POST", "users/42/messages", Map.of("bot", 1000, "text", "/start"))
                .result()
                .get("message_id")
                .asInt();
        control("POST", "users/42/edits", Map.of("bot", 1000, "message_id", message, "text", "/stop"))
                .result();
        assertThat(control("POST", "users/42/presses", Map.of("bot", 1000, "message_id", message, "data", "d"))
                        .result()
                        .has("callback_query_id"))
                .isTrue();
        JsonNode updates = caller.call("getUpdates", Map.of()).result();
        assertThat(updates.at("/0/message/text").asString()).isEqualTo("/start");
        assertThat(updates.at("/1/edited_message/text").asString()).isEqualTo("/stop");
        assertThat(updates.at("/2/callback_query/data").asString()).isEqualTo("d");
        assertThat(control("POST", "users/42/messages", Map.of("bot", 99, "text", "x"))
                        .description())
                .contains("no bot 99");
        assertThat(control("POST", "users/x/messages", Map.of("bot", 1000)).status())
                .isEqualTo(400);
    }

    @Test
    void chats_get_states_and_bots_tokens() {
        control("POST", "chats/63", Map.of("state", "migrated", "to", -100777)).result();
        assertThat(caller.text(63, "x")
                        .json()
                        .at("/parameters/migrate_to_chat_id")
                        .asLong())
                .isEqualTo(-100777);
        assertThat(control("POST", "chats/63", Map.of("state", "odd")).status()).isEqualTo(400);
        String token = control("POST", "bots", Map.of("id", 55, "name", "New"))
                .result()
                .get("token")
                .asString();
        assertThat(new Caller(SIMULATOR, token)
                        .call("getMe", Map.of())
                        .result()
                        .get("first_name")
                        .asString())
                .isEqualTo("New");
        assertThat(control("POST", "bots", Map.of("id", 55)).status()).isEqualTo(400);
        assertThat(control("POST", "bots/55", Map.of("limit", 0)).status()).isEqualTo(400);
        assertThat(control("POST", "bots/56", Map.of("limit", 1)).description()).contains("no bot 56");
        control("POST", "bots/55", Map.of("limit", 1, "window_ms", 60_000)).result();
        assertThat(new Caller(SIMULATOR, token).text(64, "x").status()).isEqualTo(200);
        assertThat(new Caller(SIMULATOR, token).text(65, "x").status()).isEqualTo(429);
        assertThat(control("GET", "", Map.of()).result().size()).isPositive();
        assertThat(control("GET", "nothing", Map.of()).status()).isEqualTo(404);
    }

    @Test
    void a_web_page_of_another_origin_is_refused() {
        for (String origin :
                new String[] {"http://evil.example", SIMULATOR.url().toString()}) {
            int status = Caller.await(
                            Caller.send(HttpRequest.newBuilder(URI.create(SIMULATOR.url() + "/simulator/ledger"))
                                    .header("origin", origin)))
                    .status();
            assertThat(status).as(origin).isEqualTo(origin.contains("evil") ? 403 : 200);
        }
    }

    private static Caller.Reply control(String verb, String path, Map<String, ?> body) {
        return Caller.await(Caller.send(HttpRequest.newBuilder(URI.create(SIMULATOR.url() + "/simulator/" + path))
                .header("content-type", "application/json")
                .method(verb, BodyPublishers.ofByteArray(Caller.JSON.writeValueAsBytes(body)))));
    }
}
