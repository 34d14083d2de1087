package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.TcpProxy;
import dev.sluice.region.Homes;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import dev.sluice.server.faults.GatewayProcess;
import dev.sluice.server.faults.Stalls;
import dev.sluice.simulator.BotAccount;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Three regions: three gateways, three Redis processes, and 100 ms each way between any two regions. Telegram limits nobody here, so that
 * whatever is let through can be counted in its ledger.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegionsOnServerTest extends OnServerFixture {
    private static final List<String> NAMES = List.of("eu", "us", "asia");
    private static final Map<String, String> SHARES = Map.of("eu", "0.5", "us", "0.3", "asia", "0.2");
    private static final List<Share> LISTED =
            List.of(new Share("eu", 5_000), new Share("us", 3_000), new Share("asia", 2_000));
    private static final Duration ONE_WAY = Duration.ofMillis(100);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int BOT_LIMIT = 30;
    private static final Duration WINDOW = Duration.ofSeconds(3);

    /** What calls may come closer together on their way to Telegram on a machine that is busy. */
    private static final Duration CLOSER = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    private final Stalls stalls = new Stalls();
    private final AtomicLong chats = new AtomicLong(5_000);
    private final Map<String, RedisProcess> redis = new HashMap<>();
    private final Map<String, SluiceServer> servers = new HashMap<>();
    private final List<TcpProxy> distances = new CopyOnWriteArrayList<>();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final Simulator telegram = Simulator.start(
            SimulatorSettings.defaults().withFlood(FloodLimits.off()).withAnyToken(false));
    private final BotAccount bot = telegram.addBot(7_000_000_001L, "Everywhere");

    @BeforeEach
    void startOnce() throws Exception {
        if (!servers.isEmpty()) {
            return;
        }
        NAMES.forEach(name -> redis.put(name, RedisFixture.start()));
        var starting = new HashMap<String, Future<SluiceServer>>();
        for (String name : NAMES) {
            var settings = settings(name, SHARES);
            starting.put(name, callers.submit(() -> server(settings)));
        }
        for (String name : NAMES) {
            servers.put(name, Objects.requireNonNull(starting.get(name)).get());
            // Trusts the token and loads the scripts.
            assertThat(send(name, chat(), "first", "").statusCode()).isEqualTo(200);
        }
        distances.forEach(distance -> distance.delay(ONE_WAY));
    }

    @AfterAll
    void stop() {
        callers.shutdownNow();
        servers.values().forEach(SluiceServer::close);
        distances.forEach(TcpProxy::close);
        redis.values().forEach(RedisProcess::close);
        telegram.close();
        stalls.close();
    }

    private Map<String, String> settings(String region, Map<String, String> shares) {
        var list = new ArrayList<String>();
        shares.forEach((name, share) -> list.add(name + "=" + share + "@redis://127.0.0.1:" + port(region, name)));
        var settings = new HashMap<String, String>();
        settings.put("SLUICE_REGION", region);
        settings.put("SLUICE_REGIONS", String.join(",", list));
        settings.put("SLUICE_REGION_CHATS", "own");
        settings.put("SLUICE_REGION_TIMEOUT", "5");
        settings.put("REDIS_TIMEOUT", "5");
        settings.put("SLUICE_SECRET_KEY", "the-same-in-all-three-regions");
        settings.put("TELEGRAM_API_URL", telegram.url().toString());
        settings.put("RATE_LIMIT_GLOBAL_CAPACITY", Integer.toString(BOT_LIMIT));
        settings.put("RATE_LIMIT_GLOBAL_REFILL_RATE", "10");
        return settings;
    }

    private int port(String from, String to) {
        if (from.equals(to)) {
            return redis(to).port();
        }
        TcpProxy distance = TcpProxy.to(redis(to).port());
        distances.add(distance);
        return distance.port();
    }

    private RedisProcess redis(String region) {
        return Objects.requireNonNull(redis.get(region));
    }

    private SluiceServer gateway(String region) {
        return Objects.requireNonNull(servers.get(region));
    }

    private long chat() {
        return chats.incrementAndGet();
    }

    private HttpResponse<String> send(String region, long chat, String text, String key, String... headers)
            throws Exception {
        return send(gateway(region).url(), chat, text, key, headers);
    }

    private HttpResponse<String> send(URI gateway, long chat, String text, String key, String... headers)
            throws Exception {
        var request = HttpRequest.newBuilder(URI.create(gateway + "/bot" + bot.token() + "/sendMessage?chat_id=" + chat
                        + "&text=" + text.replace(' ', '+')))
                .timeout(Duration.ofSeconds(60));
        if (!key.isEmpty()) {
            request.header("Idempotency-Key", key);
        }
        request.headers(headers.length == 0 ? new String[] {"X-Sluice-Max-Wait", "30"} : headers);
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    /** An Idempotency-Key whose home is that region. */
    private String keyAt(String home, String name) {
        var homes = new Homes<>(new Regions("eu", LISTED), Map.of("eu", "eu", "us", "us", "asia", "asia"));
        return IntStream.range(0, 1_000)
                .mapToObj(i -> name + i)
                .filter(key -> homes.of(IdempotencyKey.derived(Long.toString(bot.id()), "sendmessage", key)
                                .name())
                        .equals(home))
                .findFirst()
                .orElseThrow();
    }

    private long arrived(String text) {
        return telegram.ledger().received(bot.id()).stream()
                .map(LedgerEntry::text)
                .filter(text::equals)
                .count();
    }

    /** Round trips to other regions for calls. */
    private double crossings(String region) throws Exception {
        return get(gateway(region), "/metrics")
                .lines()
                .filter(line -> line.startsWith("sluice_region_script_seconds_count{by=\"call\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void all_regions_at_full_load_keep_one_limit_and_never_ask_each_other() throws Exception {
        double before = crossings("eu") + crossings("us") + crossings("asia");
        int sent = telegram.ledger().received(bot.id()).size();
        var answers = new ArrayList<Future<HttpResponse<String>>>();
        for (String name : NAMES) {
            // Twice what a window of this region holds.
            int calls = (int) (2 * BOT_LIMIT * Double.parseDouble(SHARES.getOrDefault(name, "")));
            for (int i = 0; i < calls; i++) {
                String text = name + " " + i;
                answers.add(callers.submit(() -> send(name, chat(), text, "")));
            }
        }
        for (Future<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(200);
        }

        assertThat(telegram.ledger().received(bot.id())).hasSize(sent + 2 * BOT_LIMIT);
        assertThat(telegram.ledger()
                        .peak(bot.id(), stalls.takenFrom(WINDOW.minus(CLOSER)))
                        .weight())
                .isLessThanOrEqualTo(BOT_LIMIT);
        assertThat(crossings("eu") + crossings("us") + crossings("asia")).isEqualTo(before);
    }

    @Test
    void of_50_twins_in_all_regions_at_once_one_is_sent_and_all_get_its_answer() throws Exception {
        long chat = chat();
        String key = keyAt("us", "order");
        var answers = new ArrayList<Future<HttpResponse<String>>>();
        for (int i = 0; i < 50; i++) {
            String region = NAMES.get(i % 3);
            answers.add(callers.submit(() -> send(region, chat, "paid", key)));
        }
        var bodies = new ArrayList<String>();
        for (Future<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(200);
            bodies.add(answer.get().body());
        }

        assertThat(bodies).containsOnly(bodies.getFirst());
        assertThat(arrived("paid")).isEqualTo(1);
        assertThat(crossings("eu")).isPositive();
        assertThat(part(gateway("eu"), "regions").path("shares").asString()).isEqualTo("asia=0.2,eu=0.5,us=0.3");

        // And so with one that is queued: each region names the same message, and it is sent once.
        String other = keyAt("asia", "later");
        var queued = new ArrayList<String>();
        for (String region : NAMES) {
            var answer = send(region, chat, "queued", other, "Prefer", "respond-async");
            assertThat(answer.statusCode()).isEqualTo(202);
            queued.add(answer.body().replaceAll(".*\"id\":\"([^\"]+)\".*", "$1"));
        }
        assertThat(queued).containsOnly(queued.getFirst());
        await().atMost(Duration.ofSeconds(20)).until(() -> arrived("queued") == 1);
        for (String region : NAMES) {
            assertThat(send(region, chat, "queued", other, "Prefer", "respond-async")
                            .statusCode())
                    .isIn(200, 202);
        }
        assertThat(arrived("queued")).isEqualTo(1);
    }

    @Test
    void a_region_without_its_redis_goes_on_by_policy_and_only_keys_at_home_there_wait_for_it() throws Exception {
        redis("us").kill();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> part(gateway("eu"), "regions")
                        .path("region_us")
                        .asString()
                        .equals("down"));
        assertThat(part(gateway("eu"), "regions").path("status").asString()).isEqualTo("degraded");
        assertThat(part(gateway("eu"), "store").path("status").asString()).isEqualTo("ok");

        for (String region : List.of("eu", "us", "asia")) {
            var refused = send(region, chat(), "not sent", keyAt("us", "refused"));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(send(region, chat(), region + " goes on", "").statusCode())
                    .isEqualTo(200);
            assertThat(send(region, chat(), region + " asks asia", keyAt("asia", region))
                            .statusCode())
                    .isEqualTo(200);
        }
        assertThat(arrived("not sent")).isZero();

        redis("us").restart();
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        send("eu", chat(), "sent now", keyAt("us", "again")).statusCode() == 200);
        for (String region : NAMES) {
            // Each gateway finds it again by itself; what comes next asks all of them.
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> send(region, chat(), "back", keyAt("us", "back-" + region))
                                    .statusCode()
                            == 200);
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> part(gateway("eu"), "regions")
                        .path("region_us")
                        .asString()
                        .equals("up"));
        assertThat(arrived("sent now")).isEqualTo(1);
    }

    @Test
    void a_gateway_killed_between_its_claim_at_home_and_its_send_leaves_it_unknown_and_unsent() throws Exception {
        long chat = chat();
        String key = keyAt("us", "killed");
        var settings = settings("asia", SHARES);
        settings.put("SLUICE_PORT", "0");
        settings.put("RATE_LIMIT_CHAT_REFILL_RATE", "0.02");
        try (var gateway = GatewayProcess.launch(
                        folder, settings, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx192m"))
                .awaitReady()) {
            assertThat(send(gateway.url(), chat, "first", "").statusCode()).isEqualTo(200);
            // Its chat's next turn comes in 50 s; it is claimed at home all the while.
            long claims = claims("us");
            var unused = callers.submit(() -> send(gateway.url(), chat, "never", key));
            await().atMost(Duration.ofSeconds(20)).until(() -> claims("us") > claims);
            gateway.kill();
        }

        var repeat = send("eu", chat, "never", key);
        assertThat(repeat.statusCode()).isEqualTo(504);
        assertThat(repeat.body()).contains("unknown");
        assertThat(send("asia", chat, "never", key).statusCode()).isEqualTo(504);
        assertThat(arrived("never")).isZero();
    }

    private long claims(String region) {
        return Long.parseLong(redis(region)
                .tell("EVAL \"return #redis.call('keys','sluice:idempotency:*')\" 0")
                .substring(1));
    }

    @Test
    void what_cannot_be_divided_is_the_same_in_all_regions() throws Exception {
        for (int user = 1; user <= 6; user++) {
            var left = new ArrayList<Integer>();
            for (String region : NAMES) {
                var answer = send(gateway(region), "POST", "/v1/budgets/" + user + "/consume", "");
                left.add(JsonMapper.shared()
                        .readTree(answer.body())
                        .path("remaining")
                        .asInt());
            }
            assertThat(left).containsExactly(29, 28, 27);
        }
        var users = new ArrayList<Long>();
        Optional<String> cursor = Optional.of("");
        while (cursor.isPresent()) {
            var page = JsonMapper.shared().readTree(get(gateway("asia"), "/v1/budgets" + cursor.get()));
            page.path("budgets")
                    .valueStream()
                    .forEach(one -> users.add(one.path("user").asLong()));
            cursor = Optional.of(page.path("next_cursor").asString(""))
                    .filter(next -> !next.isEmpty())
                    .map(next -> "?cursor=" + next);
        }
        assertThat(users).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void who_has_other_regions_is_not_started_and_who_has_other_shares_is_told() throws Exception {
        assertThatThrownBy(() -> server(settings("eu", Map.of("eu", "0.5", "us", "0.5"))))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("a gateway of region eu has other regions")
                .hasMessageContaining("asia=0.2,eu=0.5,us=0.3");

        var swapped = settings("us", SHARES);
        swapped.put("SLUICE_REGION", "asia");
        assertThatThrownBy(() -> server(confused(swapped)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("serves a gateway as");

        try (var lowered = server(settings("eu", Map.of("eu", "0.4", "us", "0.3", "asia", "0.2")))) {
            var part = part(lowered, "regions");
            assertThat(part.path("status").asString()).isEqualTo("degraded");
            assertThat(part.path("problem").asString()).contains("has other shares");
        }
    }

    /** The Redis of one region under the name of another. */
    private Map<String, String> confused(Map<String, String> settings) {
        var list = new ArrayList<String>();
        for (String name : NAMES) {
            String there = name.equals("asia") ? "us" : name.equals("us") ? "asia" : name;
            list.add(name + "=" + SHARES.get(name) + "@redis://127.0.0.1:"
                    + redis(there).port());
        }
        settings.put("SLUICE_REGIONS", String.join(",", list));
        return settings;
    }
}
