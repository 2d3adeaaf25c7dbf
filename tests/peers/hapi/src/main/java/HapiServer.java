import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.config.HapiJpaConfig;
import ca.uhn.fhir.jpa.config.JpaDstu2Config;
import ca.uhn.fhir.jpa.config.PackageLoaderConfig;
import ca.uhn.fhir.jpa.config.dstu3.JpaDstu3Config;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.r5.JpaR5Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.provider.JpaConformanceProviderDstu2;
import ca.uhn.fhir.jpa.provider.dstu3.JpaConformanceProviderDstu3;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.searchparam.config.NicknameServiceConfig;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.rest.server.IServerConformanceProvider;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/**
 * HAPI FHIR's JPA server as hospitals run it, with its own defaults, in memory: one base for each version named, at
 * http://127.0.0.1:&lt;port&gt;/fhir/&lt;version&gt;. Prints "ready" once all of them answer.
 */
public final class HapiServer {
    private static final Map<String, Class<?>> VERSIONS = Map.of(
            "dstu2", JpaDstu2Config.class,
            "stu3", JpaDstu3Config.class,
            "r4", JpaR4Config.class,
            "r5", JpaR5Config.class);

    public static void main(String[] portAndVersions) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(portAndVersions[0]));
        server.addConnector(connector);
        ServletContextHandler servlets = new ServletContextHandler("/");
        for (String name : List.of(portAndVersions).subList(1, portAndVersions.length)) {
            AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
            context.registerBean("databaseName", String.class, () -> name);
            context.register(VERSIONS.get(name), Common.class);
            context.refresh();
            servlets.addServlet(new ServletHolder(name, servlet(context)), "/fhir/" + name + "/*");
        }
        server.setHandler(servlets);
        server.start();
        System.out.println("ready");
        server.join();
    }

    private static RestfulServer servlet(ApplicationContext context) {
        RestfulServer servlet = new RestfulServer(context.getBean(FhirContext.class));
        servlet.registerProviders(context.getBean(ResourceProviderFactory.class).createProviders());
        servlet.registerProvider(context.getBean(IJpaSystemProvider.class));
        DatabaseBackedPagingProvider pages = context.getBean(DatabaseBackedPagingProvider.class);
        pages.setDefaultPageSize(20); // both as in HAPI's starter project
        pages.setMaximumPageSize(200);
        servlet.setPagingProvider(pages);
        servlet.setServerConformanceProvider(conformance(servlet, context));
        return servlet;
    }

    private static IServerConformanceProvider<?> conformance(RestfulServer servlet, ApplicationContext context) {
        IFhirSystemDao<?, ?> system = context.getBean(IFhirSystemDao.class);
        JpaStorageSettings settings = context.getBean(JpaStorageSettings.class);
        ISearchParamRegistry parameters = context.getBean(ISearchParamRegistry.class);
        return switch (servlet.getFhirContext().getVersion().getVersion()) {
            case DSTU2 -> new JpaConformanceProviderDstu2(servlet, (IFhirSystemDao) system, settings);
            case DSTU3 -> new JpaConformanceProviderDstu3(servlet, (IFhirSystemDao) system, settings, parameters);
            default -> new JpaCapabilityStatementProvider(
                    servlet, system, settings, parameters, context.getBean(IValidationSupport.class));
        };
    }

    /** What HAPI wants to be told by whoever embeds it, whatever the version. */
    @Configuration
    @EnableTransactionManagement
    @Import({
        HapiJpaConfig.class,
        PackageLoaderConfig.class,
        ThreadPoolFactoryConfig.class,
        JpaBatch2Config.class,
        Batch2JobsConfig.class,
        NicknameServiceConfig.class,
        SubscriptionChannelConfig.class,
        SubscriptionSubmitterConfig.class
    })
    static class Common {
        @Bean
        JpaStorageSettings storageSettings() {
            JpaStorageSettings settings = new JpaStorageSettings();
            settings.setSchedulingDisabled(true);
            return settings;
        }

        @Bean
        PartitionSettings partitionSettings() {
            return new PartitionSettings();
        }

        @Bean
        SubscriptionSettings subscriptionSettings() {
            return new SubscriptionSettings();
        }

        @Bean
        DataSource dataSource(String databaseName) {
            BasicDataSource source = new BasicDataSource();
            source.setUrl("jdbc:h2:mem:" + databaseName + ";DB_CLOSE_DELAY=-1");
            return source;
        }

        @Bean
        @Primary
        LocalContainerEntityManagerFactoryBean entityManagerFactory(
                ConfigurableListableBeanFactory beans, FhirContext fhir, JpaStorageSettings settings, DataSource source) {
            LocalContainerEntityManagerFactoryBean factory =
                    HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, fhir, settings);
            factory.setPersistenceUnitName("HAPI_PU");
            factory.setDataSource(source);
            Properties hibernate = new Properties();
            hibernate.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
            hibernate.put("hibernate.hbm2ddl.auto", "create");
            hibernate.put("hibernate.search.enabled", "false");
            factory.setJpaProperties(hibernate);
            return factory;
        }

        @Bean
        @Primary
        JpaTransactionManager transactionManager(EntityManagerFactory factory) {
            return new JpaTransactionManager(factory);
        }
    }
}
