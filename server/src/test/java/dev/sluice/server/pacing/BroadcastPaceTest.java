package dev.sluice.server.pacing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.server.faults.GatewayProcess;
import dev.sluice.server.faults.Stalls;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.simulator.WindowPeak;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A broadcast from a {@code serve} of its own: everybody has it once, no window is broken, the limit is used, and who answers a
 * user meanwhile is answered soon. Where the machine is ours alone, Telegram floods; where it is not, Telegram limits nobody and
 * its ledger is held to the same windows, less what the machine itself stalled.
 */
class BroadcastPaceTest {
    private static final long BOT = 7_000_000_001L;
    private static final String TOKEN = BOT + ":AAE-any-token-of-this-form-will-do_";
    private static final long WARMING_BOT = BOT + 1;
    private static final long FIRST_CHAT = 1_000_000;

    /** Users who wrote something; none of them is in the broadcast. */
    private static final long FIRST_ASKER = 900_000;

    @TempDir
    private Path folder;

    /**
     * What is sent, and what is allowed.
     *
     * @param limit of the lane that it goes in, per second
     * @param replies in between, per second
     * @param jitter how much closer than a window two sends may arrive: 50 ms where the machine is ours alone
     * @param warming recipients of another bot's broadcast before, so that the code is compiled as in a process that has run a
     *     while
     */
    private record Load(
            int recipients, boolean paid, int limit, int replies, Duration jitter, int warming, List<String> options) {
        FloodLimits flood() {
            return jitter.equals(ALONE) ? FloodLimits.telegram().withTolerance(jitter) : FloodLimits.off();
        }

        String template() {
            return "{\"method\":\"sendMessage\",\"params\":{\"text\":\"to all\",\"allow_paid_broadcast\":" + paid
                    + "}}";
        }
    }

    private static final List<String> SMALL = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx192m");
    private static final List<String> USUAL = List.of("-Xmx512m");
    private static final Duration DISTURBED = Duration.ofMillis(500);
    private static final Duration ALONE = Duration.ofMillis(50);

    /** What was seen. */
    private record Seen(double utilisation, Duration replies) {}

    @Test
    @Timeout(180)
    void a_broadcast_at_thirty_a_second_breaks_no_window_and_leaves_room_for_replies() throws Exception {
        broadcast(new Load(150, false, 30, 2, DISTURBED, 60, SMALL));
    }

    @Test
    @Timeout(180)
    void a_paid_broadcast_breaks_no_window() throws Exception {
        broadcast(new Load(2_000, true, 1000, 2, DISTURBED, 500, SMALL));
    }

    @Test
    @Tag("chaos")
    @Timeout(600)
    void a_broadcast_at_thirty_a_second_for_two_minutes_wastes_nothing() throws Exception {
        Seen seen = broadcast(new Load(3_600, false, 30, 2, ALONE, 300, USUAL));

        assertThat(seen.utilisation()).isGreaterThanOrEqualTo(0.97);
        assertThat(seen.replies()).isLessThan(Duration.ofMillis(1500));
    }

    @Test
    @Tag("chaos")
    @Timeout(900)
    void a_paid_broadcast_to_100_000_wastes_nothing() throws Exception {
        Seen seen = broadcast(new Load(100_000, true, 1000, 5, ALONE, 30_000, USUAL));

        assertThat(seen.utilisation()).isGreaterThanOrEqualTo(0.97);
        assertThat(seen.replies()).isLessThan(Duration.ofMillis(1500));
    }

    private Seen broadcast(Load load) throws Exception {
        var settings = SimulatorSettings.defaults().withFlood(load.flood());
        try (var stalls = new Stalls();
                Simulator telegram = Simulator.start(settings);
                RedisProcess redis = RedisFixture.start();
                GatewayProcess process = GatewayProcess.launch(folder, environment(telegram, redis), load.options);
                HttpClient client = HttpClient.newHttpClient();
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            stalls.of(process);
            URI url = process.awaitReady().url();
            register(client, url, TOKEN);
            register(client, url, TOKEN.replace(Long.toString(BOT), Long.toString(WARMING_BOT)));
            ended(client, url, start(client, url, WARMING_BOT, load, load.warming));
            Queue<Duration> replies = new ConcurrentLinkedQueue<>();
            String id = start(client, url, BOT, load, load.recipients);
            var asked = clock.scheduleAtFixedRate(
                    () -> reply(client, url, replies), 300, 1000 / load.replies, TimeUnit.MILLISECONDS);
            JsonNode shown = ended(client, url, id);
            asked.cancel(false);

            assertThat(shown.path("sent").asInt()).isEqualTo(load.recipients);
            return seen(telegram, load, List.copyOf(replies), stalls);
        }
    }

    private static Seen seen(Simulator telegram, Load load, List<Duration> replies, Stalls stalls) {
        List<LedgerEntry> received = telegram.ledger().received(BOT);
        List<LedgerEntry> broadcast =
                received.stream().filter(entry -> entry.chat() >= FIRST_CHAT).toList();
        List<LedgerEntry> lane = load.paid ? broadcast : received;

        assertThat(telegram.ledger().flooded(BOT)).isEmpty();
        assertThat(broadcast)
                .extracting(LedgerEntry::chat)
                .doesNotHaveDuplicates()
                .hasSize(load.recipients);
        Duration window = stalls.takenFrom(Duration.ofSeconds(1).minus(load.jitter));
        assertThat(WindowPeak.of(lane, window).weight()).isLessThanOrEqualTo(load.limit);
        assertThat(replies).isNotEmpty();

        // Until the last of the broadcast; the first window's worth leaves at once.
        long end = broadcast.getLast().monotonicMicros();
        long sent =
                lane.stream().filter(entry -> entry.monotonicMicros() <= end).count();
        double seconds = (end - lane.getFirst().monotonicMicros()) / 1e6;
        double utilisation = (sent - load.limit) / (seconds * load.limit);
        var ordered = replies.stream().sorted().toList();
        Duration p95 = ordered.get(Math.max(0, (int) Math.ceil(ordered.size() * 0.95) - 1));
        System.out.printf(
                "broadcast: %d recipients%s, %.1f s, utilisation %.3f; %d replies in between, p95 %d ms%n",
                load.recipients,
                load.paid ? " in the paid lane" : "",
                seconds,
                utilisation,
                ordered.size(),
                p95.toMillis());
        return new Seen(utilisation, p95);
    }

    private static Map<String, String> environment(Simulator telegram, RedisProcess redis) {
        return Map.of(
                "REDIS_URL",
                redis.uri(),
                // Everything runs on the same few cores here: a pause of the whole process is not an outage.
                "REDIS_TIMEOUT",
                "5s",
                "TELEGRAM_API_URL",
                telegram.url().toString(),
                "SLUICE_PORT",
                "0");
    }

    private static void register(HttpClient client, URI url, String token) throws Exception {
        post(client, url.resolve("/v1/bots"), "application/json", "{\"token\":\"" + token + "\"}");
    }

    private static String start(HttpClient client, URI url, long bot, Load load, int recipients) throws Exception {
        String body = LongStream.range(FIRST_CHAT, FIRST_CHAT + recipients)
                .mapToObj(Long::toString)
                .collect(Collectors.joining("\n", load.template() + "\n", ""));
        return post(client, url.resolve("/v1/bots/" + bot + "/broadcasts"), "application/x-ndjson", body)
                .path("id")
                .asString();
    }

    private static void reply(HttpClient client, URI url, Queue<Duration> replies) {
        long before = System.nanoTime();
        long asker = FIRST_ASKER + before / 1_000_000 % 50_000;
        var request = HttpRequest.newBuilder(url.resolve("/bot" + TOKEN + "/sendMessage"))
                .header("Content-Type", "application/json")
                .header("X-Sluice-Max-Wait", "30")
                .POST(BodyPublishers.ofString("{\"chat_id\":" + asker
                        + ",\"text\":\"an answer\",\"reply_parameters\":{\"message_id\":1,"
                        + "\"allow_sending_without_reply\":true}}"))
                .build();
        client.sendAsync(request, BodyHandlers.ofString(UTF_8))
                .thenAccept(answer -> replies.add(
                        answer.statusCode() == 200
                                ? Duration.ofNanos(System.nanoTime() - before)
                                : Duration.ofHours(1)));
    }

    private static JsonNode ended(HttpClient client, URI url, String id) {
        return await().atMost(Duration.ofMinutes(10))
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> {
                            var request = HttpRequest.newBuilder(url.resolve("/v1/broadcasts/" + id))
                                    .build();
                            return JsonMapper.shared()
                                    .readTree(client.send(request, BodyHandlers.ofString())
                                            .body());
                        },
                        shown -> shown.path("ended").isString());
    }

    private static JsonNode post(HttpClient client, URI url, String type, String body) throws Exception {
        var request = HttpRequest.newBuilder(url)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body))
                .build();
        return JsonMapper.shared()
                .readTree(client.send(request, BodyHandlers.ofString()).body());
    }
}
