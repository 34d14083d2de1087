package dev.sluice.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole gateway that logs all it can, and requests that nobody should send. {@code -Dsluice.fuzz.seed=...} repeats a run of
 * the long form.
 */
class FuzzedGatewayTest {
    private static final int CONNECTIONS_AT_ONCE = 32;
    private static final int MOST_PIPELINED = 4;

    /** How long a connection may say nothing before its caller says that there is no more to come. */
    private static final int SILENCE_MILLIS = 100;

    /** From then on the gateway has this long to come to an end. */
    private static final int HANG_MILLIS = 20_000;

    private static final Pattern STATUS = Pattern.compile("(?m)^HTTP/[0-9.]+ ([0-9]{3}) ");

    /** A line that begins an event; what follows without one, such as a stack trace, belongs to it. */
    private static final Pattern EVENT = Pattern.compile("^[0-9-]{10}T[0-9:.]+Z? *[+0-9:]* *([A-Z]+) ");

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answers = new AtomicInteger();

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void no_request_of_2000_brings_a_5xx_a_stack_trace_a_hang_or_a_secret_to_light() throws Exception {
        fuzz(2_000, 20_260_101);
    }

    @Test
    @Tag("chaos")
    @Timeout(600)
    void no_request_of_20000_brings_a_5xx_a_stack_trace_a_hang_or_a_secret_to_light() throws Exception {
        fuzz(20_000, Long.getLong("sluice.fuzz.seed", System.nanoTime()));
    }

    private void fuzz(int requests, long seed) throws Exception {
        System.out.println("fuzzed with -Dsluice.fuzz.seed=" + seed);
        var settings = Map.of("SLUICE_LOG_LEVEL", "trace", "TELEGRAM_RATE_LIMIT_WAIT", "0");
        try (var bench = new FaultBench(folder, RedisFixture.start(), 1, settings)) {
            var made = new AtomicInteger();
            var callers = new ArrayList<Future<?>>();
            for (int i = 0; i < CONNECTIONS_AT_ONCE; i++) {
                var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed + i);
                var fuzzed = new FuzzedRequests(random, bench.bot.token());
                callers.add(bench.callers.submit(() -> {
                    while (made.get() < requests) {
                        var written = new ByteArrayOutputStream();
                        for (int n = random.nextInt(3) > 0 ? 1 : random.nextInt(2, MOST_PIPELINED + 1); n > 0; n--) {
                            written.writeBytes(fuzzed.next());
                            made.incrementAndGet();
                        }
                        talk(bench.gateway(0).url().getPort(), written.toByteArray(), random.nextInt(10) == 0);
                    }
                }));
            }
            for (Future<?> caller : callers) {
                caller.get(500, TimeUnit.SECONDS);
            }

            assertThat(faults).as("seed " + seed).isEmpty();
            assertThat(answers.get()).as("answers").isGreaterThan(requests / 3);
            assertThat(bench.received())
                    .as("messages that got through all the same")
                    .isNotEmpty();
            assertThatNothingIsLeft(bench);
            assertThat(bench.send(0, Message.of(77, "after all")).status()).isEqualTo(200);
            assertThatTheLogIsSilentAboutAllOfIt(bench);
        }
    }

    /** One connection: writes, reads what comes, and says good-bye in one way or the other. */
    private void talk(int port, byte[] requests, boolean abruptly) {
        var answer = new ByteArrayOutputStream();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(SILENCE_MILLIS);
            socket.getOutputStream().write(requests);
            if (!isOverAfterReading(socket, answer)) {
                if (abruptly) {
                    socket.setSoLinger(true, 0);
                    return;
                }
                socket.shutdownOutput();
                socket.setSoTimeout(HANG_MILLIS);
                if (!isOverAfterReading(socket, answer)) {
                    fault("hangs", requests, answer);
                }
            }
        } catch (IOException e) {
            // It may close on what it cannot read, with our bytes still under way.
        }
        check(requests, answer);
    }

    private static boolean isOverAfterReading(Socket socket, ByteArrayOutputStream answer) throws IOException {
        byte[] buffer = new byte[8_192];
        try {
            for (int count = socket.getInputStream().read(buffer);
                    count >= 0;
                    count = socket.getInputStream().read(buffer)) {
                answer.write(buffer, 0, count);
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private void check(byte[] requests, ByteArrayOutputStream bytes) {
        String answer = bytes.toString(ISO_8859_1);
        var status = STATUS.matcher(answer);
        while (status.find()) {
            answers.incrementAndGet();
            if (status.group(1).startsWith("5") && !isHonest(status.group(1), answer)) {
                fault("answered " + status.group(1), requests, bytes);
            }
        }
        for (String leak : List.of("Exception", "\tat ", "Caused by")) {
            if (answer.contains(leak)) {
                fault("answer shows " + leak, requests, bytes);
            }
        }
    }

    /**
     * What is told to one who speaks another version of HTTP, and what is told of a Telegram that broke the connection: the
     * simulator does where a call that passes straight through says that it is compressed and is not.
     */
    private static boolean isHonest(String status, String answer) {
        boolean broken = status.equals("502") || status.equals("504");
        return status.equals("501") || broken && answer.contains("(reset)");
    }

    private void fault(String what, byte[] requests, ByteArrayOutputStream answer) {
        faults.add(what + ": " + start(new String(requests, ISO_8859_1)) + " => " + start(answer.toString(ISO_8859_1)));
    }

    private static String start(String text) {
        return text.substring(0, Math.min(text.length(), 3_000));
    }

    private static void assertThatNothingIsLeft(FaultBench bench) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(page(bench, "/health")).contains("\"in_flight\":0");
            assertThat(page(bench, "/metrics")).contains("sluice_spooled_bytes 0.0");
        });
    }

    private static void assertThatTheLogIsSilentAboutAllOfIt(FaultBench bench) {
        String secret = bench.bot.token().substring(bench.bot.token().indexOf(':') + 1);
        assertThat(aboveDebug(bench.gateway(0).log()))
                .isNotEmpty()
                .noneMatch(line -> line.contains("Exception") || line.contains("\tat ") || line.contains(" ERROR "));
        assertThat(bench.gateway(0).log().lines())
                .noneMatch(line -> line.contains(secret) || line.contains(secret.substring(0, secret.length() / 2)))
                .noneMatch(line -> line.contains(FuzzedRequests.PRIVATE));
    }

    /** Whoever asks for debug lines may get stack traces with them. */
    private static List<String> aboveDebug(String log) {
        var lines = new ArrayList<String>();
        boolean below = false;
        for (String line : log.split("\n", -1)) {
            Matcher head = EVENT.matcher(line);
            below = head.find() ? head.group(1).equals("DEBUG") || head.group(1).equals("TRACE") : below;
            if (!below) {
                lines.add(line);
            }
        }
        return lines;
    }

    private static String page(FaultBench bench, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(bench.gateway(0).url() + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }
}
