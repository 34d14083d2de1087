package dev.sluice.server.faults;

import static org.awaitility.Awaitility.await;

import dev.sluice.simulator.BotAccount;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongPredicate;

/**
 * A gateway that takes calls and workers that send them, as processes on a store that the test may break, and a simulated
 * Telegram that limits nobody. What arrived stands in the simulator's ledger.
 */
final class QueueBench implements AutoCloseable {
    /** How long what a killed worker was sending stays with it; short, so that rounds are. */
    static final Duration LEASE = Duration.ofSeconds(1);

    private static final Duration START = Duration.ofSeconds(180);
    private static final long FIRST_BOT = 7_100_000_000L;

    final Simulator telegram = Simulator.start(
            SimulatorSettings.defaults().withFlood(FloodLimits.off()).withAnyToken(false));
    final QueueClient client;

    /** Of this process and of all that it started. */
    final Stalls stalls = new Stalls();

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final Path folder;
    private final Map<String, String> settings = new HashMap<>();
    private final GatewayProcess gateway;
    private final List<GatewayProcess> workers = new ArrayList<>();
    private long bots = FIRST_BOT;

    /**
     * Starts all at the same time and waits until they are ready.
     *
     * @param redisUrl the store of all
     * @param more settings of all
     */
    QueueBench(Path folder, String redisUrl, int workers, Map<String, String> more) {
        this.folder = folder;
        settings.put("REDIS_URL", redisUrl);
        settings.put("TELEGRAM_API_URL", telegram.url().toString());
        settings.put("SLUICE_PORT", "0");
        settings.put("SLUICE_QUEUE_LEASE", LEASE.toSeconds() + "s");
        // Silence is met often, and what waits for it makes rounds long.
        settings.put("TELEGRAM_TIMEOUT", "1");
        settings.put("RATE_LIMIT_CHAT_CAPACITY", "50");
        settings.put("RATE_LIMIT_CHAT_REFILL_RATE", "50");
        settings.put("RATE_LIMIT_GLOBAL_CAPACITY", "1000");
        settings.put("RATE_LIMIT_GLOBAL_REFILL_RATE", "1000");
        // The whole bench shares a few cores: a process that gets none for a while is no outage of Redis.
        settings.put("REDIS_TIMEOUT", "500ms");
        settings.putAll(more);
        gateway = launch("gateway");
        for (int i = 0; i < workers; i++) {
            this.workers.add(launch("worker"));
        }
        gateway.awaitReady();
        workers().forEach(GatewayProcess::awaitReady);
        client = new QueueClient(gateway.url());
    }

    private GatewayProcess launch(String role) {
        GatewayProcess process = GatewayProcess.launch(folder, settings, "--role", role);
        stalls.of(process);
        return process;
    }

    /** A new bot, registered. */
    BotAccount newBot() throws InterruptedException {
        return newBot(id -> true);
    }

    /** The same, with an id that will do. */
    BotAccount newBot(LongPredicate fitting) throws InterruptedException {
        while (!fitting.test(bots)) {
            bots++;
        }
        BotAccount bot = telegram.addBot(bots++, "Queued");
        client.register(bot);
        return bot;
    }

    /** Queues the drafts of each chat in their order, the chats at the same time. */
    List<Future<List<Fate>>> queueing(BotAccount bot, List<List<Draft>> chats) {
        var all = new ArrayList<Future<List<Fate>>>();
        for (List<Draft> chat : chats) {
            all.add(callers.submit(() -> {
                var fates = new ArrayList<Fate>();
                for (Draft draft : chat) {
                    fates.add(client.queue(bot, draft));
                }
                return List.copyOf(fates);
            }));
        }
        return all;
    }

    /**
     * Kills one by SIGKILL, and starts another in its place without waiting for it. Waits until two are ready first: somebody
     * must be there to look after what a dead one held.
     *
     * @param which of those that are ready
     */
    void killWorker(int which) {
        List<GatewayProcess> ready = await().atMost(START)
                .until(() -> workers.stream().filter(GatewayProcess::isReady).toList(), those -> those.size() > 1);
        GatewayProcess victim = ready.get(which % ready.size());
        victim.kill();
        workers.set(workers.indexOf(victim), launch("worker"));
    }

    /** Waits until nothing is pending: all that was accepted has ended. */
    QueueNumbers awaitEnded(BotAccount bot, Duration longest) {
        return await().atMost(longest)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> client.numbers(bot), numbers -> numbers.pending() == 0);
    }

    List<LedgerEntry> received(BotAccount bot) {
        return telegram.ledger().received(bot.id());
    }

    List<GatewayProcess> workers() {
        return List.copyOf(workers);
    }

    GatewayProcess gateway() {
        return gateway;
    }

    @Override
    public void close() {
        client.close();
        callers.shutdownNow();
        workers.forEach(GatewayProcess::close);
        gateway.close();
        telegram.close();
        stalls.close();
    }
}
