package dev.sluice.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.TcpProxy;
import dev.sluice.simulator.BotAccount;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Gateways as processes, one Redis, one simulated Telegram, and callers. Telegram limits nobody here, so that whatever the
 * gateways let through can be counted in its ledger.
 */
final class FaultBench implements AutoCloseable {
    /** Longer than any test lets a call take: no answer by then is a hang. */
    private static final Duration HANG = Duration.ofSeconds(60);

    final Simulator telegram = Simulator.start(
            SimulatorSettings.defaults().withFlood(FloodLimits.off()).withAnyToken(false));
    final BotAccount bot = telegram.addBot(7_000_000_001L, "Tried");
    final RedisProcess redis;

    /** Of this process and of all gateways. */
    final Stalls stalls = new Stalls();

    final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final Path folder;
    private final Map<String, String> settings = new HashMap<>();
    private final List<TcpProxy> networks = new ArrayList<>();
    private final List<GatewayProcess> gateways = new ArrayList<>();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(callers)
            .build();

    /**
     * Starts the gateways at the same time and waits until all are ready.
     *
     * @param redis closed with the bench
     * @param more settings of the gateways
     */
    FaultBench(Path folder, RedisProcess redis, int replicas, Map<String, String> more) {
        this.folder = folder;
        this.redis = redis;
        settings.put("TELEGRAM_API_URL", telegram.url().toString());
        settings.put("SLUICE_PORT", "0");
        // The whole bench shares a few cores: a process that gets none for a while is no outage of Redis.
        settings.put("REDIS_TIMEOUT", "5s");
        settings.putAll(more);
        for (int i = 0; i < replicas; i++) {
            launch(Map.of());
        }
        awaitReady(0);
        telegram.ledger().clear();
    }

    /**
     * Starts more replicas, at the same time.
     *
     * @param environments of each, in addition to what all have
     * @return the first one's number
     */
    @SafeVarargs
    final int add(Map<String, String>... environments) {
        int first = gateways.size();
        for (Map<String, String> environment : environments) {
            launch(environment);
        }
        awaitReady(first);
        return first;
    }

    private void awaitReady(int first) {
        for (int replica = first; replica < gateways.size(); replica++) {
            gateways.get(replica).awaitReady();
            // Trusts the token and loads the scripts.
            send(replica, Message.of(1_000_000_000L + replica, "first of " + replica));
        }
    }

    private void launch(Map<String, String> more) {
        TcpProxy network = TcpProxy.to(redis.port());
        networks.add(network);
        var environment = new HashMap<>(settings);
        environment.put("REDIS_URL", "redis://127.0.0.1:" + network.port());
        environment.putAll(more);
        GatewayProcess gateway = GatewayProcess.launch(folder, environment);
        gateways.add(gateway);
        stalls.of(gateway);
    }

    int replicas() {
        return gateways.size();
    }

    GatewayProcess gateway(int replica) {
        return gateways.get(replica);
    }

    Stream<GatewayProcess> gateways() {
        return gateways.stream();
    }

    /** What lies between a replica and Redis. */
    TcpProxy network(int replica) {
        return networks.get(replica);
    }

    /** Sends and waits for the answer. */
    Answer send(int replica, Message message) {
        var request = HttpRequest.newBuilder(url(replica, "sendMessage"))
                .timeout(HANG)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form(message)));
        message.headers().forEach(request::header);
        long start = System.nanoTime();
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            boolean replay = answer.headers().firstValue("Idempotent-Replay").isPresent();
            return new Answer(answer.statusCode(), answer.body(), replay, start, since(start));
        } catch (IOException e) {
            return new Answer(Answer.NONE, String.valueOf(e.getMessage()), false, start, since(start));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(Answer.NONE, "interrupted", false, start, since(start));
        }
    }

    Future<Answer> sending(int replica, Message message) {
        return callers.submit(() -> send(replica, message));
    }

    URI url(int replica, String method) {
        return URI.create(gateway(replica).url() + "/bot" + bot.token() + "/" + method);
    }

    static String form(Message message) {
        return "chat_id=" + message.chat() + "&text=" + URLEncoder.encode(message.text(), UTF_8);
    }

    /** How often Telegram took this text. */
    long arrived(String text) {
        return received().stream().filter(entry -> entry.text().equals(text)).count();
    }

    List<LedgerEntry> received(long chat) {
        return telegram.ledger().received(bot.id(), chat);
    }

    List<LedgerEntry> received() {
        return telegram.ledger().received(bot.id());
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Override
    public void close() {
        gateways.forEach(GatewayProcess::close);
        client.shutdownNow();
        callers.shutdownNow();
        networks.forEach(TcpProxy::close);
        redis.close();
        telegram.close();
        stalls.close();
    }
}
