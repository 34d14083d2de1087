package dev.sluice.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.fsm.ConversationLocks.Entry.Busy;
import dev.sluice.fsm.ConversationLocks.Entry.Entered;
import dev.sluice.fsm.StateMachine.Illegal;
import dev.sluice.fsm.StateMachine.Moved;
import dev.sluice.fsm.StateMachine.Overtaken;
import dev.sluice.lock.Leases;
import dev.sluice.lock.LockEvents;
import dev.sluice.lock.Locks;
import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.Sessions;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.telegram.BotId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/state.md compile, do what they say, and are those that are shown there. */
class StateExamplesTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/fsm/StateExamplesTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "state.md");

    private final BotId bot = new BotId(123456);
    private final FsmStorage storage = FsmStorage.inMemory(FsmStorage.USUAL_KEEP, StateEvents.NONE);
    private final Leases leases = Leases.inMemory(LockEvents.NONE);
    private final Locks locks = new Locks(leases, new SecureRandom());
    private final Sessions sessions = Sessions.inMemory(Sessions.USUAL_KEEP, StateEvents.NONE);
    private final List<String> said = new ArrayList<>();

    // storage:begin
    /** The user said an address: from that state only, and together with what was said. */
    void addressSaid(long chat, long user, String address) {
        var key = ConversationKey.of(bot, chat, user);
        var write = FsmWrite.NOTHING
                .ifState("Order:address")
                .toState("Order:paying")
                .put("address", JsonValue.of(address));
        switch (storage.write(key, write)) {
            case FsmAnswer.Changed(var version, var before) -> reply("How would you like to pay?");
            case FsmAnswer.Unexpected(var version, var state) -> reply("We are at " + state.orElse("the start"));
            case FsmAnswer.Overtaken(var fence) -> {} // only of writes under a lock
        }
    }

    /** Whatever others do at the same time, each item counts. */
    void addItem(ConversationKey key) {
        storage.update(key, seen -> {
            long items =
                    seen.value("items").map(value -> value.asWhole().orElse(0)).orElse(0L);
            return FsmWrite.NOTHING.put("items", JsonValue.of(items + 1));
        });
    }
    // storage:end

    // isolation:begin
    private final ConversationLocks isolation = new ConversationLocks(storage, locks);

    /** One message of a conversation at a time, on whichever replica it came in. */
    void handle(ConversationKey key, String text) throws InterruptedException {
        switch (isolation.enter(key, Duration.ofSeconds(10))) {
            case Busy(var remaining) -> reply("One moment, please");
            case Entered(var conversation) -> {
                try (conversation) {
                    String answer = answer(conversation.find(), text);
                    conversation.write(FsmWrite.NOTHING.put("last", JsonValue.of(answer)));
                    reply(answer);
                }
            }
        }
    }
    // isolation:end

    // machine:begin
    enum Order {
        EMPTY,
        PAYING,
        PAID
    }

    enum Event {
        CHECKOUT,
        PAYMENT
    }

    private final StateMachine<Order, Event> orders = StateMachine.<Order, Event>from(Order.EMPTY)
            .on(
                    Order.EMPTY,
                    Event.CHECKOUT,
                    Order.PAYING,
                    (conversation, event) -> conversation.value("items").isPresent(),
                    moved -> reply("Please pay"))
            .on(Order.PAYING, Event.PAYMENT, Order.PAID, moved -> reply("Thank you"))
            .build();

    void paid(ConversationKey key, String receipt) {
        switch (orders.fire(storage, key, Event.PAYMENT, Map.of("receipt", JsonValue.of(receipt)))) {
            case Moved<Order> moved -> {}
            case Illegal<Order>(var state, var event, var guarded) -> reply("Nothing is to be paid: " + state);
            case Overtaken<Order>(var fence) -> {} // only under a lock
        }
    }
    // machine:end

    // session:begin
    void pressed(long user, String button) {
        var key = new SessionKey(bot, user);
        sessions.write(
                key,
                SessionWrite.NOTHING
                        .action(JsonValue.of(button))
                        .set("menu", JsonValue.of(button), Duration.ofMinutes(10))
                        .history(JsonValue.of("pressed " + button)));
        reply("So far you did " + sessions.find(key).actions().size());
    }
    // session:end

    private void reply(String text) {
        said.add(text);
    }

    private static String answer(Conversation seen, String text) {
        return text + (seen.isEmpty() ? "?" : "!");
    }

    @AfterEach
    void close() {
        locks.close();
        leases.close();
    }

    @Test
    void an_order_goes_its_way() throws Exception {
        ConversationKey key = ConversationKey.of(bot, 7, 7);
        addressSaid(7, 7, "Main Street");
        storage.write(key, FsmWrite.NOTHING.toState("Order:address"));
        addressSaid(7, 7, "Main Street");
        addItem(key);
        addItem(key);
        assertThat(storage.find(key).value("items")).contains(JsonValue.of(2));
        handle(key, "hm");
        assertThat(said).containsExactly("We are at the start", "How would you like to pay?", "hm!");
    }

    @Test
    void a_machine_moves_and_acts() {
        ConversationKey key = ConversationKey.of(bot, 7, 7);
        paid(key, "r-1");
        assertThat(orders.fire(storage, key, Event.CHECKOUT)).isInstanceOf(Illegal.class);
        addItem(key);
        orders.fire(storage, key, Event.CHECKOUT).orThrow();
        paid(key, "r-1");
        assertThat(said).containsExactly("Nothing is to be paid: EMPTY", "Please pay", "Thank you");
        assertThat(storage.find(key).value("receipt")).contains(JsonValue.of("r-1"));
    }

    @Test
    void a_session_counts() {
        pressed(7, "menu");
        pressed(7, "help");
        assertThat(said).containsExactly("So far you did 1", "So far you did 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"storage", "isolation", "machine", "session"})
    void the_documentation_shows_these_examples(String name) throws Exception {
        List<String> source = Files.readAllLines(SOURCE);
        String example = source
                .subList(source.indexOf("    // " + name + ":begin") + 1, source.indexOf("    // " + name + ":end"))
                .stream()
                .map(line -> line.replaceFirst("^ {4}", ""))
                .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
