package dev.sluice.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

/** Satisfied by a class whose package has a {@code package-info.java} with {@code @NullMarked}. */
final class LiveInNullMarkedPackages extends ArchCondition<JavaClass> {

    LiveInNullMarkedPackages() {
        super("live in a package marked @NullMarked in its package-info.java");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
        events.add(new SimpleConditionEvent(type, marked, type.getName() + " lives in a package without @NullMarked"));
    }
}
