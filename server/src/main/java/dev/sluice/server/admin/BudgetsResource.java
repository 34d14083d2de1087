package dev.sluice.server.admin;

import dev.sluice.budget.Budget;
import dev.sluice.budget.BudgetPage;
import dev.sluice.budget.BudgetUser;
import dev.sluice.budget.Budgets;
import dev.sluice.budget.Consumption;
import dev.sluice.budget.Usage;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The messages that users have: for bots in any language, which ask before they work, and for operators. */
public final class BudgetsResource implements Resource {
    private static final int MOST_PER_PAGE = 2 * Budgets.LONGEST_PAGE;

    private static final Parameter<Long> USER = Parameter.pathNumber("user", 1, Long.MAX_VALUE, "The user's id.");
    private static final Parameter<String> CURSOR = Parameter.query(
            "cursor",
            Text.any(),
            "the next_cursor of an earlier page",
            BudgetsResource::cursor,
            Budgets.START,
            "The next_cursor of the page before.");

    private static final Shape COUNT = new Whole(0, Long.MAX_VALUE);
    private static final List<Field> USAGE_FIELDS = List.of(
            Field.required("user", USER.shape(), USER.description()),
            Field.required("count", COUNT, "Messages that passed in the present window."),
            Field.required("limit", COUNT, "How many pass in a window."),
            Field.required("bonus", COUNT, "What was granted beside it."),
            Field.required("remaining", COUNT, "How many more pass, of a user who is not exempt."),
            Field.required("rejected", COUNT, "Messages that did not pass in the present window."),
            Field.required("resets_at", new OrNull(Text.time()), "When the window ends; null if nothing is counted."),
            Field.required("resets_in_ms", COUNT, "The same from now, rounded up."),
            Field.required(
                    "complete",
                    new Flag(),
                    "False if the store could not be asked, and this is what one replica counted by itself."));
    private static final Shape USAGE = new Named("Budget", new Fields(USAGE_FIELDS));
    private static final Shape CONSUMPTION = new Named(
            "Consumption",
            with(
                    USAGE_FIELDS,
                    Field.required("allowed", new Flag(), "Whether the message may pass."),
                    Field.required("exempt", new Flag(), "Whether the user is on the whitelist.")));

    private final Budgets budgets;
    private final Budget budget;

    public BudgetsResource(Budgets budgets, Budget budget) {
        this.budgets = budgets;
        this.budget = budget;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get(
                                "/v1/budgets",
                                "listBudgets",
                                "Lists the users of whom anything is counted, in no order; somebody may be listed twice.")
                        .with(Paging.LIMIT, CURSOR)
                        .answers(
                                200,
                                "A page; may hold somewhat more than asked for, or less although there is more.",
                                Fields.of(
                                        Field.required("budgets", new ListOf(USAGE, MOST_PER_PAGE), "By user."),
                                        Paging.NEXT))
                        .refuses(ProblemKind.STORE)
                        .by(this::list),
                Operation.get("/v1/budgets/{user}", "getBudget", "Shows what a user has left.")
                        .with(USER)
                        .answers(200, "All of it, if nothing is counted.", USAGE)
                        .refuses(ProblemKind.STORE)
                        .by(request -> shown(budgets.usage(budget, request.get(USER)))),
                Operation.post(
                                "/v1/budgets/{user}/consume",
                                "consumeBudget",
                                "Asks whether one message of a user may pass, and counts it, in one step.")
                        .asGuard()
                        .with(USER)
                        .mayTake(Fields.of(
                                Field.optional(
                                        "username",
                                        new OrNull(Text.secret("\\s*@?[A-Za-z0-9_]{0,64}\\s*")),
                                        "Compared with the whitelist, and not kept."),
                                Field.optional("user", USER.shape(), "If it is there, the same as in the path.")))
                        .answers(200, "Whether it may, and what is left.", CONSUMPTION)
                        .refuses(ProblemKind.STORE)
                        .by(this::consume),
                Operation.post(
                                "/v1/budgets/{user}/grant",
                                "grantBudget",
                                "Grants messages beside the limit, for the user's present window or the next.")
                        .with(USER)
                        .takes(Fields.of(
                                Field.required("messages", new Whole(1, Budget.MOST), "How many more may pass.")))
                        .answers(200, "What the user has now.", USAGE)
                        .refuses(ProblemKind.STORE)
                        .by(request -> shown(budgets.grant(
                                budget,
                                request.get(USER),
                                request.body().path("messages").asLong()))),
                Operation.delete("/v1/budgets/{user}", "resetBudget", "Forgets what is counted and granted.")
                        .with(USER)
                        .answers(204, "The user has all of it, whether or not anything was counted.")
                        .refuses(ProblemKind.STORE)
                        .by(request -> {
                            budgets.reset(budget, request.get(USER));
                            return AdminResponse.noContent();
                        }));
    }

    private AdminResponse list(AdminRequest request) {
        BudgetPage page;
        try {
            page = budgets.scan(budget, request.get(CURSOR), Math.toIntExact(request.get(Paging.LIMIT)));
        } catch (IllegalArgumentException e) {
            throw Problem.malformed(List.of(new Violation(CURSOR.name(), "must be " + CURSOR.accepts())))
                    .asRefusal();
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("budgets", page.users().stream().map(BudgetsResource::json).toList());
        json.put("next_cursor", page.next().orElse(null));
        return AdminResponse.json(200, json);
    }

    private AdminResponse consume(AdminRequest request) {
        long user = request.get(USER);
        JsonNode body = request.body();
        if (body.has("user") && body.path("user").asLong() != user) {
            throw Problem.malformed(List.of(new Violation("/user", "must be the user of the path")))
                    .asRefusal();
        }
        Optional<String> username = body.path("username").isString()
                ? Optional.of(body.path("username").asString())
                : Optional.empty();
        Consumption answer = budgets.consume(budget, new BudgetUser(user, username));
        Map<String, Object> json = json(answer.usage());
        json.put("allowed", answer.passes());
        json.put("exempt", answer instanceof Consumption.Exempt);
        return AdminResponse.json(200, json);
    }

    private static AdminResponse shown(Usage usage) {
        return AdminResponse.json(200, json(usage));
    }

    private static Map<String, Object> json(Usage usage) {
        boolean counted = usage.resetsIn().isPositive();
        var json = new LinkedHashMap<String, Object>();
        json.put("user", usage.user());
        json.put("count", usage.count());
        json.put("limit", usage.limit());
        json.put("bonus", usage.bonus());
        json.put("remaining", usage.remaining());
        json.put("rejected", usage.rejected());
        json.put("resets_at", counted ? usage.resetsAt().toString() : null);
        json.put("resets_in_ms", roundedUp(usage.resetsIn()));
        json.put("complete", usage.complete());
        return json;
    }

    private static long roundedUp(Duration time) {
        return time.plusNanos(999_999).toMillis();
    }

    /** The form that stores give; which of them it is of, the store sees. */
    private static String cursor(String text) {
        if (!text.matches("([0-9]{1,2}\\.)?[0-9]{1,19}(-[0-9]{1,20})?")) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static Shape with(List<Field> fields, Field... more) {
        var all = new ArrayList<>(fields);
        all.addAll(List.of(more));
        return new Fields(all);
    }
}
