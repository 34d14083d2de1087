package dev.sluice.server.admin;

import dev.sluice.privacy.PersonalDataRegistry.Report;
import dev.sluice.privacy.Privacy;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.TooManyLevelsException;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.MapOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How much may be kept of users, and that all of it is forgotten. */
public final class UsersResource implements Resource {
    private static final String PATH = "/v1/users/{user}";
    private static final Parameter<Long> USER = Parameter.pathNumber("user", 1, 1L << 53, "The user's id.");
    private static final ProblemKind FULL =
            new ProblemKind(409, "too-many-private-users", "There is no room for another user's level");

    private static final int MOST_FAMILIES = 100;
    private static final String FAMILY_FORM = "[a-z_]{1,32}";
    private static final Field ID = Field.required("user", new Whole(1, 1L << 53), USER.description());
    private static final Field PRIVACY = Field.required(
            "privacy",
            Text.matching("full|none"),
            "full: texts are kept encrypted, as each part says; none: no text of theirs is kept in Redis or a database.");
    private static final Field REMOVED = Field.required(
            "removed",
            new MapOf(Text.matching(FAMILY_FORM), new Whole(0, Long.MAX_VALUE), MOST_FAMILIES),
            "How many things of each family of keys were removed, or lost their text.");
    private static final Field FAILED = Field.required(
            "failed",
            new ListOf(Text.matching(FAMILY_FORM), MOST_FAMILIES),
            "The families of which something may be left: ask once more.");
    private static final Field COMPLETE = Field.required("complete", new Flag(), "Whether nothing failed.");
    private static final Shape LEVEL = new Named("UserPrivacy", Fields.of(ID, PRIVACY));
    private static final Shape SET = new Named("UserPrivacySet", Fields.of(ID, PRIVACY, REMOVED, FAILED, COMPLETE));
    private static final Shape FORGOTTEN = new Named("UserForgotten", Fields.of(ID, REMOVED, FAILED, COMPLETE));

    private final Privacy privacy;

    public UsersResource(Privacy privacy) {
        this.privacy = privacy;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get(PATH, "getUser", "Shows how much may be kept of a user.")
                        .with(USER)
                        .answers(200, "As it was a second ago at most.", LEVEL)
                        .refuses(ProblemKind.STORE)
                        .by(request ->
                                AdminResponse.json(200, level(request.get(USER), privacy.level(request.get(USER))))),
                Operation.put(
                                PATH,
                                "setUser",
                                "Says how much may be kept of a user. With none, texts of theirs are purged before this answers.")
                        .with(USER)
                        .takes(Fields.of(PRIVACY))
                        .answers(200, "It is set; what was purged.", SET)
                        .refuses(ProblemKind.STORE, FULL)
                        .by(this::set),
                Operation.delete(PATH, "forgetUser", "Removes all that is kept of a user, but for their privacy level.")
                        .with(USER)
                        .answers(200, "What was removed.", FORGOTTEN)
                        .refuses(ProblemKind.STORE)
                        .by(request -> {
                            var json = new LinkedHashMap<String, Object>();
                            json.put("user", request.get(USER));
                            tell(json, privacy.forget(request.get(USER)));
                            return AdminResponse.json(200, json);
                        }));
    }

    private AdminResponse set(AdminRequest request) {
        PrivacyLevel level = PrivacyLevel.of(request.body().path("privacy").asString());
        Map<String, Object> json = level(request.get(USER), level);
        try {
            tell(json, privacy.set(request.get(USER), level));
        } catch (TooManyLevelsException e) {
            throw Problem.of(FULL, "more users have privacy none than can be kept")
                    .asRefusal();
        }
        return AdminResponse.json(200, json);
    }

    private static Map<String, Object> level(long user, PrivacyLevel level) {
        var json = new LinkedHashMap<String, Object>();
        json.put("user", user);
        json.put("privacy", level.word());
        return json;
    }

    private static void tell(Map<String, Object> json, Report report) {
        json.put("removed", report.removed());
        json.put("failed", report.failed());
        json.put("complete", report.isComplete());
    }
}
