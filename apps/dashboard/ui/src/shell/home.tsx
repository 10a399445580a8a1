import { Anchor, Card, SimpleGrid, Text, Title } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { mayIn, useHere } from '../api/session.tsx';
import { GROUPS } from '../page.ts';
import { PAGES } from '../pages.ts';

/** The overview for those who may see it; else what the person may do. */
export function HomePage() {
  const { session, tenant } = useHere();
  const visible = PAGES.filter(
    ({ group, scope }) => group !== undefined && (scope === undefined || mayIn(session, tenant, scope)),
  );
  const navigate = useNavigate();
  const leads = visible.some(({ path }) => path === '/overview');
  // Not <Navigate>: while the page is loaded this one is drawn again, and it would navigate each time.
  useEffect(() => {
    if (leads) void navigate({ to: '/overview', replace: true });
  }, [leads, navigate]);
  if (leads) return null;
  return (
    <>
      <Title order={1} mb="md">
        Carillon
      </Title>
      {visible.length === 0 && (
        <Text>Your account has no role here. Ask the person who administers staff.</Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {GROUPS.map((group) => ({ group, pages: visible.filter((page) => page.group === group) }))
          .filter(({ pages }) => pages.length > 0)
          .map(({ group, pages }) => (
            <Card key={group} withBorder>
              <Text fw={650} mb="xs">
                {group}
              </Text>
              {pages.map(({ path, title }) => (
                <Anchor key={path} component={Link} to={path}>
                  {title}
                </Anchor>
              ))}
            </Card>
          ))}
      </SimpleGrid>
    </>
  );
}
