package dev.sluice.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A running Telegram Bot API simulator. Thread-safe.
 *
 * {@snippet :
 * try (Simulator sim = Simulator.start(SimulatorSettings.defaults())) {
 *     BotAccount bot = sim.addBot(1000, "Shop");
 *     // call sim.url() + "/bot" + bot.token() + "/sendMessage", then look:
 *     sim.ledger().received(bot.id(), chatId);
 * }
 * }
 */
public final class Simulator implements AutoCloseable {
    private static final int START_SECONDS = 10;
    private static final int LONGEST_REQUEST_LINE = 256 << 10;

    private final Vertx vertx;
    private final SimulatorSettings settings;
    private final Bots bots;
    private final Chats chats;
    private final Ledger ledger;
    private final Faults faults;
    private final SimulatorClock clock;
    private final URI url;

    private Simulator(Vertx vertx, SimulatorSettings settings) throws TimeoutException {
        SimulatorSettings.Bounds bounds = settings.bounds();
        SharedBound messagesKept = new SharedBound(bounds.messages());
        this.vertx = vertx;
        this.settings = settings;
        this.clock = SimulatorClock.system();
        this.chats = new Chats(settings.magicChats(), bounds.chats());
        this.ledger = new Ledger(bounds, clock);
        this.faults = new Faults(settings.seed());
        this.bots = new Bots(
                settings.anyToken(), bounds.bots(), account -> new Bot(account, settings, messagesKept, vertx, clock));
        FileStore files = new FileStore(bounds.fileBytes());
        BotApi api = new BotApi(vertx, chats, files, ledger, clock, settings.updates());
        HttpFrontend frontend = new HttpFrontend(vertx, bots, api, faults, files, new ControlApi(this), bounds);
        HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                        .setMaxInitialLineLength(LONGEST_REQUEST_LINE)
                        .setHandle100ContinueAutomatically(true)
                        .setDecompressionSupported(true)
                        .setCompressionSupported(true))
                .requestHandler(frontend::handle)
                .listen(settings.port(), settings.host())
                .await(START_SECONDS, TimeUnit.SECONDS);
        this.url = URI.create("http://" + bracketed(settings.host()) + ":" + server.actualPort());
    }

    /**
     * Starts a simulator and returns once it listens.
     *
     * @throws IllegalStateException if it can not bind its address
     */
    public static Simulator start(SimulatorSettings settings) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(2) // one for the server, one for webhook deliveries
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            return new Simulator(vertx, settings);
        } catch (Exception e) {
            closeQuietly(vertx);
            throw new IllegalStateException(
                    "the simulator can not listen on " + settings.host() + ":" + settings.port() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** The base URL for clients, such as {@code http://127.0.0.1:8081}. */
    public URI url() {
        return url;
    }

    /**
     * Adds a bot with a token of its own; other tokens with its id are wrong.
     *
     * @throws IllegalArgumentException if the id is not positive or is a bot already
     */
    public BotAccount addBot(long id, String name) {
        return bots.add(id, name);
    }

    /** Gives a bot a new token and returns it; its older ones are wrong from now on. */
    public String rotateToken(long bot) {
        return bots.rotate(bot);
    }

    /**
     * Sets how many metered calls of a bot pass from now on, paid broadcasts apart; its window begins empty.
     *
     * @throws IllegalArgumentException if there is no such bot, or the window is not longer than the tolerance
     */
    public void setBotLimit(long bot, FloodLimits.Limit limit) {
        settings.flood().withBot(limit).requireWindowsLongerThanTolerance();
        bots.setLimit(bot, limit);
    }

    /** Makes a token wrong, known or not. */
    public void revokeToken(String token) {
        bots.revoke(token);
    }

    /** Sets what bots are told that write to this chat; {@link ChatState.Reachable} undoes it. */
    public void setChat(long chat, ChatState state) {
        chats.set(chat, state);
    }

    /** The id that a channel's {@code @username} stands for. */
    public long channelId(String username) {
        return chats.find(username).id();
    }

    /** What each chat received, and what was refused. */
    public Ledger ledger() {
        return ledger;
    }

    /** What goes wrong on purpose. */
    public Faults faults() {
        return faults;
    }

    /**
     * A person who can write to bots; the same id is the same person.
     *
     * @throws IllegalArgumentException if the id is not positive
     */
    public SimulatedUser user(long id) {
        return new SimulatedUser(id, bots, chats, clock);
    }

    /** Closes all connections and ends all threads. */
    @Override
    public void close() {
        bots.close();
        closeQuietly(vertx);
    }

    private static void closeQuietly(Vertx vertx) {
        try {
            vertx.close().await(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the simulator did not close within " + START_SECONDS + " s", e);
        }
    }

    private static String bracketed(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }
}
