package io.fustor.source.mysql.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Objects;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/// Matches if anything is set under a prefix. It is asked before the annotated class is loaded.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(ConditionalOnSettings.AnySetting.class)
public @interface ConditionalOnSettings {

    /// The prefix, such as `fustor.kafka`.
    String value();

    /// The condition itself.
    class AnySetting extends SpringBootCondition {

        @Override
        public ConditionOutcome getMatchOutcome(
                ConditionContext context, AnnotatedTypeMetadata metadata) {
            var attributes =
                    Objects.requireNonNull(
                            metadata.getAnnotationAttributes(
                                    ConditionalOnSettings.class.getName()));
            String prefix = String.valueOf(attributes.get("value"));
            boolean isSet =
                    Binder.get(context.getEnvironment())
                            .bind(prefix, Bindable.mapOf(String.class, Object.class))
                            .isBound();
            return new ConditionOutcome(isSet, ConditionMessage.of(prefix + " is set: " + isSet));
        }
    }
}
