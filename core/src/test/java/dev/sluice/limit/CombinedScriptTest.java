package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.CombinedScript.Run;
import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked together; that it is decided as one by one is for {@link CombinedDecisionsPropertyTest}. */
class CombinedScriptTest {
    private static final KeySpace KEYS = KeySpace.DEFAULT;
    private static final Limit LIMIT = Limit.atMost(90, Duration.ofMinutes(1));
    private static final Bucket BOT = new Bucket("7", "bot", "7");
    private static final Acquisition QUESTION = Acquisition.of(
            new Charge(BOT, LIMIT, 1),
            new Charge(new Bucket("7", "chat", "1"), Limit.smooth(200, Duration.ofMinutes(1)), 2));

    private final SharedRedis redis = RedisFixture.shared();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    /** One if all pass; where they are more than ever pass, one that tells what remains, one that charges the others that pass, and one that denies the rest. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "80, 1", "90, 1", "128, 3"})
    void the_same_question_is_decided_a_few_times_however_often_it_is_asked(int times, int decisions) {
        assertThat(decisions(Collections.nCopies(times, QUESTION))).isEqualTo(decisions);
    }

    /** As soon as they are three: beside one for each by its chat, one that tells how much the bot's bucket has room for and one that charges it. */
    @ParameterizedTest
    @CsvSource({"2, 2", "3, 5", "90, 92"})
    void a_bucket_that_all_begin_with_is_decided_once(int chats, int decisions) {
        assertThat(decisions(ofChats(chats))).isEqualTo(decisions);
    }

    @Test
    void what_remains_of_a_bucket_that_all_begin_with_is_told_after_each_until_it_is_full() {
        List<CombinedScript.Answer> answers =
                new DecisionCalls(redis.runner(), KEYS).together(ofChats(100), Optional.empty());

        for (int i = 0; i < 90; i++) {
            assertThat(((Allowed) answers.get(i).decision()).remaining()).containsExactly(89 - i, 0);
        }
        assertThat(answers.subList(90, 100))
                .allMatch(answer -> answer.firm()
                        && answer.decision() instanceof Denied denied
                        && denied.bucket().equals(BOT));
    }

    @Test
    void a_denial_names_its_own_bucket_where_all_begin_with_another() {
        Acquisition once = ofChats(1).getFirst();

        List<CombinedScript.Answer> answers = new DecisionCalls(redis.runner(), KEYS)
                .together(List.of(once, QUESTION, once, QUESTION), Optional.empty());

        assertThat(((Denied) answers.get(2).decision()).bucket())
                .isEqualTo(once.charges().getLast().bucket());
        assertThat(((Allowed) answers.get(3).decision()).remaining()).containsExactly(87, 196);
    }

    private static List<Acquisition> ofChats(int chats) {
        return IntStream.range(0, chats)
                .mapToObj(i -> Acquisition.of(
                        new Charge(BOT, LIMIT, 1),
                        new Charge(new Bucket("7", "chat", "once-" + i), Limit.atMost(1, Duration.ofMinutes(1)), 1)))
                .toList();
    }

    private long decisions(List<Acquisition> questions) {
        Script counting = Script.of(
                "test/acquire-all",
                CombinedScript.HELD,
                BucketScript.BUCKETS,
                BucketScript.DECISION,
                CombinedScript.COMBINED,
                new Part(CombinedScriptTest.class, "acquire-all-and-tell-decisions.lua"));
        var call = CombinedScript.Call.of(Run.of(questions), KEYS);
        return redis.runner().run(counting, call.keys(), call.args()).number(0);
    }

    @Test
    void those_of_the_same_question_that_pass_are_told_what_remained_after_each() {
        List<CombinedScript.Answer> answers =
                new DecisionCalls(redis.runner(), KEYS).together(Collections.nCopies(100, QUESTION), Optional.empty());

        for (int i = 0; i < 90; i++) {
            assertThat(((Allowed) answers.get(i).decision()).remaining()).containsExactly(89 - i, 198 - 2 * i);
        }
        for (String key : redis.commands().keys("*")) {
            assertThat(redis.commands().pttl(key)).as(key).isPositive();
        }
        assertThat(answers.subList(90, 100)).allMatch(answer -> answer.decision() instanceof Denied && answer.firm());
    }

    @Test
    void at_a_learned_pace_no_more_pass_together_than_one_by_one() {
        Limit limit = Limit.atMost(30, Duration.ofSeconds(1));
        Bucket bot = new Bucket("7", "bot", "7");
        TestClockRunner clock = redis.clockRunner();
        CombinedDecisionsPropertyTest.lower(clock, bot.key(KEYS), limit);

        List<CombinedScript.Answer> answers = new DecisionCalls(clock, KEYS)
                .together(Collections.nCopies(20, Acquisition.of(new Charge(bot, limit, 1))), Optional.empty());

        // 50 ms early at most, at one per 48 ms.
        assertThat(answers)
                .extracting(CombinedScript.Answer::decision)
                .filteredOn(Allowed.class::isInstance)
                .hasSize(2);
    }

    @Test
    void who_waits_overdraws_or_weighs_more_than_a_bucket_holds_is_asked_by_itself() {
        Waiter waiter = new Waiter("AAAAAAAA");
        Acquisition heavy = Acquisition.of(new Charge(new Bucket("7", "bot", "7"), LIMIT, 91));

        for (Acquisition question :
                List.of(QUESTION.waitingAs(waiter), QUESTION.overdrawing(), QUESTION.cameAgo(Duration.ZERO), heavy)) {
            assertThat(Run.of(List.of(question, question))).containsExactly(new Run(question, 1), new Run(question, 1));
        }
        assertThat(Run.of(List.of(QUESTION, QUESTION, heavy, QUESTION)))
                .containsExactly(new Run(QUESTION, 2), new Run(heavy, 1), new Run(QUESTION, 1));
    }

    /** All that a full memory would refuse is refused, and what needs no write is answered, as if each had been asked by itself. */
    @Test
    void when_memory_is_full_denials_are_told_and_nothing_is_charged() {
        var calls = new DecisionCalls(redis.runner(), KEYS);
        calls.together(Collections.nCopies(90, QUESTION), Optional.empty());
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThat(calls.together(List.of(QUESTION, QUESTION), Optional.empty()))
                    .allMatch(answer -> answer.decision() instanceof Denied);
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
    }
}
